/** Keeps the journal: what a run intends is on disk before it begins, and leaves it when all of it has ended. */
import { journalLine, type JournalEntry } from "../model/run/journal.ts";
import type { Layout } from "../model/machine/layout.ts";
import { journalFile } from "../model/machine/layout.ts";
import { pairKey } from "../model/pair.ts";
import { readJournal } from "../observe/tree/journal.ts";
import { removeFile, removeTree, writeAtomically } from "../system/writing/file-changes.ts";
import { fileKind } from "../system/files/files.ts";

/** Adds what is about to begin to what earlier runs have left. */
export function openJournal(layout: Layout, entries: readonly JournalEntry[]): void {
  if (entries.length === 0) return;
  const fresh = new Set(entries.map(({ pair }) => pairKey(pair)));
  write(layout, [...readJournal(layout).filter(({ pair }) => !fresh.has(pairKey(pair))), ...entries]);
}

/** Takes pairs out that have come to their end, good or bad: they are not tried again by themselves. */
export function closeJournal(layout: Layout, keys: ReadonlySet<string>): void {
  const entries = readJournal(layout);
  const left = entries.filter(({ pair }) => !keys.has(pairKey(pair)));
  if (left.length < entries.length) write(layout, left);
}

function write(layout: Layout, entries: readonly JournalEntry[]): void {
  if (fileKind(journalFile(layout)) === "directory") removeTree(journalFile(layout));
  if (entries.length === 0) removeFile(journalFile(layout));
  else writeAtomically(journalFile(layout), `${entries.map(journalLine).join("\n")}\n`);
}
