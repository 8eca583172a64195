/** Tells the journal what a transaction has left. */
import type { TransactionReport } from "../../model/health/transaction-report.ts";
import { reportProblems } from "../../tell/notify/problems.ts";
import { tellJournal } from "../frame/journal.ts";

/** Writes an entry for each problem. */
export async function tellOutside(report: TransactionReport): Promise<void> {
  await tellJournal(reportProblems(report));
}
