/** Finds removals that did not come to their end, and kernels whose index they left behind: objects were removed, and depmod has not run since. */
import { join, resolve } from "node:path";
import { keptIndexName } from "../../model/kernel/index-files.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { World } from "../../model/machine/world.ts";
import { isRemoval } from "../../model/run/journal.ts";
import { kernelText, type KernelId, type Pair } from "../../model/pair.ts";
import { readBytes } from "../../system/files/content.ts";
import { fileKind } from "../../system/files/files.ts";
import { readJournal } from "../tree/journal.ts";
import { readPair } from "../tree/tree.ts";

/** Pairs whose removal a person or `dkms prune` had begun, and that the journal still names. */
export function readUnfinishedRemovals(layout: Layout): readonly Pair[] {
  return readJournal(layout).flatMap(({ pair, command }) =>
    command !== undefined && isRemoval(command) ? [pair] : [],
  );
}

/** Compares what is on disk; of a pair whose removal was begun and that is removed, the index may be all that is left to do. */
export function readUnindexed(
  layout: Layout,
  { kernels }: Pick<World, "kernels">,
  begun: readonly Pair[],
): readonly KernelId[] {
  const removed = new Set(
    begun.filter((pair) => readPair(layout, pair) === undefined).map(({ kernel }) => kernelText(kernel)),
  );
  return kernels
    .filter((kernel) => kernel.modules === "present")
    .filter((kernel) => removed.has(kernelText(kernel)) || isBehind(kernelDirectory(layout, kernel.release)))
    .map(({ release, arch }) => ({ release, arch }));
}

/** The kernel's own modules are its package's business: only additions are looked for. */
function isBehind(directory: string): boolean {
  if (fileKind(join(directory, keptIndexName)) === "directory") return true;
  const index = readBytes(join(directory, "modules.dep"))?.toString("latin1") ?? "";
  return [...index.matchAll(/^(?!kernel\/)([^:\n]+):/gm)].some(
    ([, path = ""]) => fileKind(resolve(directory, path)) === "none",
  );
}
