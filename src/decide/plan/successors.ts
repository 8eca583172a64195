/** Old versions that were kept until a new one was in place: whichever run installs that one removes them. */
import { moduleText, pairKey, sameModule, type Pair } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Draft } from "./draft.ts";
import { directoryName } from "./wanted-version.ts";
import type { WorldIndex } from "./world-index.ts";

/**
 * Results of other versions of the package for this kernel, whose source has vanished and which were kept only until this version is in place.
 * They need the installation to have succeeded.
 */
export function dropSuperseded(index: WorldIndex, draft: Draft, pair: Pair, installed: number): void {
  for (const module of index.versions(pair.module.name)) {
    const old: Pair = { module: module.id, kernel: pair.kernel };
    if (sameModule(module.id, pair.module) || index.hasSource(module) || index.pair(old) === undefined) continue;
    const reason = `its source is gone and ${moduleText(pair.module)} has taken its place`;
    draft.step({ kind: "unbuild", pair: old }, reason, [installed]);
  }
}

/** Takes out of the tree what this plan removes the last result of, if its source is gone as well. */
export function forgetEmptied(index: WorldIndex, draft: Draft): void {
  for (const module of index.world.modules) {
    if (module.pairs.length === 0 || index.hasSource(module) || draft.forgets(module.id)) continue;
    const removals = new Map(module.pairs.map(({ pair }) => [pairKey(pair), draft.removalOf(pair)]));
    const steps = [...removals.values()].filter((position) => position !== undefined);
    if (steps.length < removals.size) continue;
    draft.step({ kind: "deregister", module: module.id }, "its source is gone and no result of it is left", steps);
  }
}

/**
 * Registers what has come and an old version is kept for, whatever keeps it from being built: by its entry in the tree the remove hook learns that it is no
 * longer there either, and that nothing is waited for any more.
 */
export function registerAwaited(index: WorldIndex, draft: Draft, { sourceDirectories }: Scope): void {
  for (const module of index.world.modules) {
    if (module.registration !== "none" || !index.hasSource(module)) continue;
    if (!sourceDirectories.has(directoryName(module))) continue;
    const isAwaited = index
      .versions(module.id.name)
      .some((other) => other.pairs.length > 0 && !sameModule(other.id, module.id) && !index.hasSource(other));
    if (isAwaited) draft.add(module, { force: "no", postAdd: "ignored", reason: "an older version is kept for it" });
  }
}
