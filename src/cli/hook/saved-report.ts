/** The report of the last transaction, to which each of its hooks adds. */
import { transactionReportFile, type Layout } from "../../model/machine/layout.ts";
import { mergeReports, parseReport, type TransactionReport } from "../../model/health/transaction-report.ts";
import { writeAtomically } from "../../system/files/file-changes.ts";
import { readText } from "../../system/files/files.ts";

/** Adds to the report of the same transaction, or takes the place of an earlier one's. */
export function saveReport(layout: Layout, report: TransactionReport): void {
  const path = transactionReportFile(layout);
  const merged = mergeReports(parseReport(readText(path) ?? ""), report);
  writeAtomically(path, `${JSON.stringify(merged, undefined, 2)}\n`);
}
