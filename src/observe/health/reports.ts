/** Reads the reports of the last transactions. */
import { reportsDirectory, type Layout } from "../../model/machine/layout.ts";
import { parseReport, type TransactionReport } from "../../model/health/transaction-report.ts";
import { readText } from "../../system/files/content.ts";
import { listDirectory } from "../../system/files/files.ts";

/** A report with the file that it is in. */
export interface KeptReport {
  readonly path: string;
  /** When it was begun: `2026-11-29T09:30:00Z`. */
  readonly time: string;
  readonly report: TransactionReport;
}

const fileName = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-\d{3,}\.json$/;

/** The files of reports, the newest first. */
export function reportFiles(layout: Layout): readonly string[] {
  const directory = reportsDirectory(layout);
  const names = listDirectory(directory).filter((name) => fileName.test(name));
  return names.toReversed().map((name) => `${directory}/${name}`);
}

/** The last reports, the newest first; what this version does not understand is passed over. */
export function readReports(layout: Layout, count: number): readonly KeptReport[] {
  const found: KeptReport[] = [];
  for (const path of reportFiles(layout)) {
    if (found.length >= count) break;
    const report = parseReport(readText(path) ?? "");
    const time = path.slice(path.lastIndexOf("/") + 1).replace(fileName, "$1-$2-$3T$4:$5:$6Z");
    if (report !== undefined) found.push({ path, time, report });
  }
  return found;
}
