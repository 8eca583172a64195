/** Reports of transactions for programs (`dkms report --json`); the shape is documented in docs/report-json.md and only grows within a format. */
import type { TransactionReport } from "../../model/health/transaction-report.ts";

/** One JSON document, the newest report first. */
export function reportsJson(reports: readonly { readonly time: string; readonly report: TransactionReport }[]): string {
  const document = {
    format: 1,
    reports: reports.map(({ time, report: { pairs, problems, warnings, boot } }) => ({
      time,
      pairs,
      problems,
      warnings: warnings ?? [],
      boot: boot ?? null,
    })),
  };
  return JSON.stringify(document, undefined, 2);
}
