/** Which entries of the journal a run has brought to their end. */
import type { JournalEntry } from "../../model/run/journal.ts";
import type { Outcome } from "../../model/run/outcome.ts";
import { pairKey, sameKernel, sameModule, type KernelId, type Pair } from "../../model/pair.ts";

/**
 * Pairs that have come to their end, good or bad. What a file has stopped is none, unless it is a build: the half of it may be done, and nothing else
 * tells. Nor is anything for a kernel whose index could not be made: nobody finds its modules, though they are in place.
 */
export function endedPairs(entries: readonly JournalEntry[], outcomes: readonly Outcome[]): ReadonlySet<string> {
  const half = new Set<string>();
  const stale: KernelId[] = [];
  for (const { planned, ending } of outcomes) {
    if (ending.kind !== "failed") continue;
    const { step } = planned;
    const isFile = ending.error.code === "file-failed";
    if (isFile && (step.kind === "install" || step.kind === "uninstall" || step.kind === "unbuild")) {
      half.add(pairKey(step.pair));
    }
    if (isFile && step.kind === "deregister") {
      for (const { pair } of entries) if (sameModule(pair.module, step.module)) half.add(pairKey(pair));
    }
    if (step.kind === "depmod") stale.push(step.kernel);
  }
  const isEnded = (pair: Pair): boolean =>
    !half.has(pairKey(pair)) && !stale.some((kernel) => sameKernel(kernel, pair.kernel));
  return new Set(entries.flatMap(({ pair }) => (isEnded(pair) ? [pairKey(pair)] : [])));
}
