/** Reads the journal of what has been begun. */
import { parseJournal, type JournalEntry } from "../../model/run/journal.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { journalFile } from "../../model/machine/layout.ts";
import { pairKey } from "../../model/pair.ts";
import { readText } from "../../system/files/content.ts";

/** The entries that earlier runs have left. */
export function readJournal(layout: Layout): readonly JournalEntry[] {
  return parseJournal(readText(journalFile(layout)) ?? "");
}

/** Keys of the pairs with which hooks had not finished. */
export function readPending(layout: Layout): ReadonlySet<string> {
  return new Set(readJournal(layout).flatMap(({ pair, command }) => (command === undefined ? pairKey(pair) : [])));
}
