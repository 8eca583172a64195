/** What shall be removed: pairs of kernels that are no longer there, and of modules whose source is not. */
import { kernelText, moduleText, pairKey, type KernelId, type Pair } from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Scope } from "../../model/run/request.ts";
import { findKernel, type Module, type PairState, type World } from "../../model/machine/world.ts";
import { Draft, reindexUnfinished, unfinishedPairs } from "./draft.ts";
import { awaitedVersion, forgetEmptied, supersedingVersion } from "./successors.ts";
import { directoryName } from "./wanted-version.ts";
import { WorldIndex } from "./world-index.ts";

/** The plan of the remove hook: every pair in scope whose kernel or source was removed. */
export function planTransactionRemove(world: World, scope: Scope): Plan {
  const index = new WorldIndex(world);
  const draft = new Draft();
  dropRemovedPairs(index, draft, scope);
  forgetEmptied(index, draft);
  reindexUnfinished(index, draft);
  return draft.finish();
}

/** Appends the removal of every pair in scope whose kernel or source was removed; kernels that were removed are in the scope of every run. */
export function dropRemovedPairs(index: WorldIndex, draft: Draft, scope: Scope): void {
  const kernels = removedKernels(index.world, scope.releases);
  const packages = vanishedPackages(index, scope);
  const removals = new Map<string, number[]>();
  for (const module of index.world.modules) {
    for (const state of module.pairs) {
      const reason = reasonFor(index, kernels, packages, { module, pair: state.pair });
      if (reason === undefined || draft.removalOf(state.pair) !== undefined) continue;
      const key = kernelText(state.pair.kernel);
      removals.set(key, [...(removals.get(key) ?? []), draft.remove(withUninstall(index, state), reason)]);
    }
  }
  forgetEmpty(index, draft, scope);
  tidyKernels(index, draft, { scope, kernels, removals });
}

/** What an earlier run began to uninstall counts as installed until that is done: the kernel's own modules may not be back yet. */
function withUninstall(index: WorldIndex, state: PairState): PairState {
  return index.world.pending.has(pairKey(state.pair)) ? { ...state, state: "installed" } : state;
}

/** Cleans up after removed kernels: those that lose a pair, that the transaction has named, or that an earlier run has not finished with. */
function tidyKernels(
  index: WorldIndex,
  draft: Draft,
  found: {
    readonly scope: Scope;
    readonly kernels: ReadonlyMap<string, KernelId>;
    readonly removals: ReadonlyMap<string, readonly number[]>;
  },
): void {
  const unfinished = unfinishedPairs(index.world).map(({ kernel }) => kernel);
  const named = new Set(unfinished.map(kernelText));
  const all = new Map([...found.kernels, ...unfinished.map((kernel) => [kernelText(kernel), kernel] as const)]);
  for (const [key, kernel] of all) {
    const { modules } = index.kernel(kernel);
    if (modules === "present") continue;
    draft.giveUp(kernel);
    const steps = found.removals.get(key) ?? [];
    if (modules === "absent" || (steps.length === 0 && !named.has(key) && !found.scope.releases.has(kernel.release)))
      continue;
    draft.step({ kind: "tidy", kernel }, "the kernel was removed", [], steps);
  }
}

/** Why a pair is removed; undefined when it stays. */
function reasonFor(
  index: WorldIndex,
  kernels: ReadonlyMap<string, KernelId>,
  packages: ReadonlySet<string>,
  { module, pair }: { readonly module: Module; readonly pair: Pair },
): string | undefined {
  const isUnfinished = index.world.pending.has(pairKey(pair)) && index.kernel(pair.kernel).modules !== "present";
  if (isUnfinished || kernels.has(kernelText(pair.kernel))) return `kernel ${pair.kernel.release} was removed`;
  return sourceReason(index, packages, module, pair);
}

/** Names of the packages of which the transaction has named a source that is no longer there. */
function vanishedPackages(index: WorldIndex, { sourceDirectories }: Scope): ReadonlySet<string> {
  const vanished = index.world.modules.filter(
    (module) => !index.hasSource(module) && sourceDirectories.has(directoryName(module)),
  );
  return new Set(vanished.map(({ id }) => id.name));
}

/** Why a pair goes with its source; undefined when it stays. Versions that were kept for one that is now removed as well go with that. */
function sourceReason(
  index: WorldIndex,
  packages: ReadonlySet<string>,
  module: Module,
  pair: Pair,
): string | undefined {
  if (index.hasSource(module)) return undefined;
  if (!packages.has(pair.module.name) && !index.world.pending.has(pairKey(pair))) return undefined;
  const versions = index.versions(pair.module.name);
  const successor = supersedingVersion(versions, pair);
  if (successor !== undefined) return `its source was removed and ${moduleText(successor)} has taken its place`;
  const awaited = awaitedVersion(versions, pair, (other) => index.hasSource(other));
  return awaited === undefined ? "its source was removed" : undefined;
}

/** Modules of which nothing but their entry is left: what removed their last result has not come to its end, or there never was one. */
function forgetEmpty(index: WorldIndex, draft: Draft, { sourceDirectories }: Scope): void {
  const unfinished = new Set(unfinishedPairs(index.world).map(({ module }) => moduleText(module)));
  for (const module of index.world.modules) {
    if (module.registration === "none" || module.pairs.length > 0 || index.hasSource(module)) continue;
    if (!sourceDirectories.has(directoryName(module)) && !unfinished.has(moduleText(module.id))) continue;
    draft.step({ kind: "deregister", module: module.id }, "its source was removed and no result of it is left");
  }
}

/**
 * Kernels, by `kernelText`, whose directory has neither `kernel/` nor `modules.order` any more. A kernel that never was here is not removed: somebody
 * may build for it with --kernelsourcedir, or have its headers alone in a container. That it was here shows in a pair that is installed for it, in
 * what is left of its directory, or in that the transaction has named it: `releases`. Hooks and `dkms prune` share this rule.
 */
export function removedKernels(world: World, releases: ReadonlySet<string>): ReadonlyMap<string, KernelId> {
  const states = world.modules.flatMap(({ pairs }) => pairs);
  const installed = states.filter(({ state }) => state === "installed").map(({ pair }) => pair.kernel);
  const wasHere = new Set(installed.map(kernelText));
  const here = new Set(world.kernels.filter(({ modules }) => modules === "present").map(({ release }) => release));
  const candidates: readonly KernelId[] = [...world.kernels, ...states.map(({ pair }) => pair.kernel)];
  const removed = new Map<string, KernelId>();
  for (const { release, arch } of candidates) {
    const key = kernelText({ release, arch });
    if (here.has(release) || removed.has(key)) continue;
    const { modules, headers } = findKernel(world, { release, arch });
    const isEmptied = modules === "leftover" && headers === undefined;
    if (isEmptied || wasHere.has(key) || releases.has(release)) removed.set(key, { release, arch });
  }
  return removed;
}
