/** Tells the journal of problems. */
import type { Problem } from "../../model/notify/problem.ts";
import { isRoot } from "../../system/environment.ts";
import { writeJournal } from "../../act/notify/journal.ts";
import { journalEntry } from "../../tell/notify/journal.ts";

/** Writes an entry for each; only root's runs are the machine's. */
export async function tellJournal(problems: readonly Problem[]): Promise<void> {
  if (isRoot()) await writeJournal(problems.map(journalEntry));
}
