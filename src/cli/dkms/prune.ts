/** `dkms prune`: deletes leftovers of removed kernels and modules. */
import { execute } from "../../act/execute.ts";
import { closeJournal, openJournal } from "../../act/journal.ts";
import { deleteLeftovers, refreshAfter } from "../../act/prune.ts";
import { planPrune } from "../../decide/prune/prune.ts";
import type { DkmsError } from "../../model/errors.ts";
import type { Leftovers, Pruning } from "../../model/health/leftovers.ts";
import type { World } from "../../model/machine/world.ts";
import { journalEntries, type JournalEntry } from "../../model/run/journal.ts";
import { readLeftovers, type LockHolder } from "../../observe/health/leftovers.ts";
import { readPair } from "../../observe/tree/tree.ts";
import { readWholeWorld } from "../../observe/world.ts";
import { keepWordsFromStdout, writeDocument, writeLine } from "../../system/output.ts";
import { errorLines } from "../../tell/errors.ts";
import { eventLines, type Line } from "../../tell/run/lines.ts";
import { pruneJson } from "../../tell/run/json.ts";
import { clearedLines, leftAloneLines, nothingLine, pruningLines } from "../../tell/prune.ts";
import { exitCodeOf } from "../frame/exit-codes.ts";
import { locked } from "../frame/locked.ts";
import type { Settings } from "../frame/settings.ts";
import { endedPairs } from "../../decide/unfinished/ended-pairs.ts";

/** Prunes, or tells what it would do; returns 0 when everything that it should delete is deleted. The dry run takes no lock. */
export async function runPrune(settings: Settings): Promise<number> {
  if (settings.result === "json") keepWordsFromStdout();
  if (settings.dryRun) {
    const { pruning } = await decidePruning(settings, "unknown");
    const { plan, leftAlone } = pruning;
    const deletions = pruning.deletions.map((item) => ({ deletion: item, error: undefined }));
    if (settings.result === "json")
      writeDocument(pruneJson({ mode: "planned", plan, outcomes: [], deletions, leftAlone }));
    else pruningLines(pruning).forEach(tell);
    return 0;
  }
  return locked(settings.layout, async ({ signal, exitCode }) => {
    const { pruning, world, begun } = await decidePruning(settings, "caller");
    const { layout, verbosity } = settings;
    // Files go first: a kernel's directory can be tidied only when nothing is left in it.
    const cleared = deleteLeftovers(layout, pruning.deletions);
    for (const { deletion, error } of cleared) clearedLines(deletion, error, verbosity).forEach(tell);
    const entries = journalEntries({ kind: "prune" }, pruning.plan);
    openJournal(layout, entries);
    const outcomes = await execute(pruning.plan, {
      ...settings,
      world,
      signal,
      tell: (event) => eventLines(event, verbosity).forEach(tell),
    });
    const unindexed = settings.options.depmod === "run" ? await refreshAfter(layout, cleared, world.running.arch) : [];
    // What earlier runs had begun to remove, and is removed.
    const finished = begun
      .filter((pair) => readPair(layout, pair) === undefined)
      .map((pair): JournalEntry => ({ pair, command: "remove" }));
    if (!signal.aborted) closeJournal(layout, endedPairs([...entries, ...finished], outcomes));
    for (const error of unindexed) errorLines(error).forEach((text) => tell({ stream: "err", text: `==> ${text}` }));
    pruning.leftAlone.flatMap(leftAloneLines).forEach(tell);
    if (cleared.length + outcomes.length === 0) tell(nothingLine);
    if (settings.result === "json") {
      const { plan, leftAlone } = pruning;
      const deletions = cleared.map(({ deletion: item, error }) => ({ deletion: item, error }));
      writeDocument(pruneJson({ mode: "done", plan, outcomes, deletions, leftAlone }));
    }
    const failures: readonly DkmsError[] = [
      ...cleared.flatMap(({ error }) => error ?? []),
      ...outcomes.flatMap(({ ending }) =>
        ending.kind === "failed" || ending.kind === "not-attempted" ? [ending.error] : [],
      ),
      ...unindexed,
    ];
    return exitCode() ?? (failures[0] === undefined ? 0 : exitCodeOf(failures[0]));
  });
}

async function decidePruning(
  settings: Settings,
  lock: LockHolder,
): Promise<{ readonly world: World; readonly pruning: Pruning; readonly begun: Leftovers["begun"] }> {
  const world = await readWholeWorld(settings);
  const leftovers = await readLeftovers(settings, world, lock);
  return { world, pruning: planPrune(world, leftovers, settings.options), begun: leftovers.begun };
}

function tell(line: Line): void {
  writeLine(line.stream, line.text);
}
