/** The reports of the last transactions: each hook of one adds to the same file. */
import { reportsDirectory, type Layout } from "../../model/machine/layout.ts";
import { mergeReports, type TransactionReport } from "../../model/health/transaction-report.ts";
import { readReports, reportFiles } from "../../observe/health/reports.ts";
import { removeFile, writeAtomically } from "../../system/writing/file-changes.ts";

/** How many are kept. */
const mostKept = 10;

/** Adds to the report of the same transaction, or begins a new one and deletes the oldest. One that says nothing begins none. */
export function saveReport(layout: Layout, report: TransactionReport): void {
  const [last] = readReports(layout, 1);
  const isEmpty = report.pairs.length + report.problems.length + (report.warnings?.length ?? 0) === 0;
  if (isEmpty && report.boot === undefined && last?.report.transaction !== report.transaction) return;
  const isSame = last?.report.transaction === report.transaction;
  const path = isSame && last !== undefined ? last.path : newFile(layout);
  const merged = isSame ? mergeReports(last?.report, report) : report;
  writeAtomically(path, `${JSON.stringify(merged, undefined, 2)}\n`);
  for (const old of reportFiles(layout).slice(mostKept)) removeFile(old);
}

/** Named by the time and a number, so that the names sort: after the newest one even where the clock was set back since. */
function newFile(layout: Layout): string {
  const now = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const [, newest = "", count = ""] = /([^/]+)-(\d+)\.json$/.exec(reportFiles(layout)[0] ?? "") ?? [];
  const [time, number] = now > newest ? [now, 0] : [newest, Number(count) + 1];
  return `${reportsDirectory(layout)}/${time}-${String(number).padStart(3, "0")}.json`;
}
