/** What `dkms prune` clears away: everything that belongs to kernels and modules that were removed, and nothing that is installed and wanted. */
import type { LeftAlone, Leftovers, Deletion, Pruning } from "../../model/health/leftovers.ts";
import { kernelText, moduleText, pairKey, pairWords, type KernelId, type Pair } from "../../model/pair.ts";
import { findKernel, type Module, type PairState, type World } from "../../model/machine/world.ts";
import { Draft } from "../plan/draft.ts";
import { removedKernels } from "../plan/removed-pairs.ts";
import { awaitedVersion, supersedingVersion } from "../plan/successors.ts";
import { WorldIndex } from "../plan/world-index.ts";
import { judgeObject } from "./objects.ts";
import { staleRecords } from "./records.ts";

/** What is cleared away and why, and what looks like it and stays. `force` gives up the doubts in favour of what a person may have put there. */
export function planPrune(world: World, leftovers: Leftovers, { force }: { readonly force: boolean }): Pruning {
  const index = new WorldIndex(world);
  const draft = new Draft();
  const leftAlone: LeftAlone[] = [];
  const removed: ReadonlySet<string> = new Set(removedKernels(world, new Set()).keys());
  const toTidy = new Map<string, { kernel: KernelId; steps: number[] }>();
  const tidy = (kernel: KernelId, steps: readonly number[]): void => {
    const known = toTidy.get(kernelText(kernel)) ?? { kernel, steps: [] };
    known.steps.push(...steps);
    toTidy.set(kernelText(kernel), known);
  };

  const begun = new Map(leftovers.begun.map((pair) => [pairKey(pair), pair.module]));
  for (const module of world.modules) {
    const steps: number[] = [];
    let remaining = 0;
    for (const state of module.pairs) {
      const verdict = judgePair(index, leftovers, { module, state, removed, force });
      if (verdict.kind === "stays") {
        remaining += 1;
        if (verdict.leftAlone !== undefined) leftAlone.push(verdict.leftAlone);
        continue;
      }
      const { pair } = state;
      // Of an interrupted removal, the links may be deleted and originals not yet put back.
      const isInPlace = state.state === "installed" || begun.has(pairKey(pair));
      const removal = isInPlace ? [draft.step({ kind: "uninstall", pair }, verdict.reason)] : [];
      removal.push(draft.step({ kind: "unbuild", pair }, verdict.reason, removal));
      steps.push(...removal);
      if (removed.has(kernelText(pair.kernel))) tidy(pair.kernel, removal);
    }
    if (remaining > 0 || index.hasSource(module)) continue;
    const aloneFor = archive(leftovers, module);
    if (aloneFor === undefined) {
      draft.step(
        { kind: "deregister", module: module.id },
        "its source was removed and no result of it is left",
        steps,
      );
    } else leftAlone.push(aloneFor);
  }
  for (const module of leftovers.entries) {
    if (leftovers.archived.has(moduleText(module))) continue;
    draft.step({ kind: "deregister", module }, "its entry in the dkms tree has neither source nor result");
  }

  const known = new Set([...world.modules.map(({ id }) => id), ...leftovers.entries].map(moduleText));
  for (const module of new Map([...begun.values()].map((id) => [moduleText(id), id])).values()) {
    if (!known.has(moduleText(module)))
      draft.step({ kind: "deregister", module }, "an earlier run did not come to its end");
  }

  const deletions: Deletion[] = staleRecords(world, leftovers);
  for (const object of leftovers.objects) {
    const verdict = judgeObject(world, leftovers, object, { removed, force });
    if (verdict?.kind === "delete") {
      deletions.push(verdict.deletion);
      const kernel = { ...world.running, release: object.release as KernelId["release"] };
      if (removed.has(kernelText(kernel))) tidy(kernel, []);
    } else if (verdict !== undefined) leftAlone.push(verdict.leftAlone);
  }
  for (const kernel of leftovers.untidy) tidy(kernel, []);
  for (const kernel of leftovers.unindexed) draft.touch(kernel);
  for (const { kernel, steps } of toTidy.values()) {
    if (isRunning(world, kernel)) continue;
    draft.giveUp(kernel);
    if (findKernel(world, kernel).modules !== "leftover") continue;
    draft.step(
      { kind: "tidy", kernel: { release: kernel.release, arch: kernel.arch } },
      "the kernel was removed",
      [],
      steps,
    );
  }
  return { plan: draft.finish(), deletions, leftAlone };
}

type PairVerdict =
  | { readonly kind: "goes"; readonly reason: string }
  | { readonly kind: "stays"; readonly leftAlone?: LeftAlone };

const stays: PairVerdict = { kind: "stays" };

interface Judged {
  readonly module: Module;
  readonly state: PairState;
  /** Kernels that were removed, by `kernelText`. */
  readonly removed: ReadonlySet<string>;
  readonly force: boolean;
}

/** What becomes of a pair: it goes with its kernel or with its source, unless something needs it. */
function judgePair(index: WorldIndex, leftovers: Leftovers, { module, state, removed, force }: Judged): PairVerdict {
  const { world } = index;
  const { pair } = state;
  const versions = index.versions(pair.module.name);
  const { release } = pair.kernel;
  if (removed.has(kernelText(pair.kernel))) {
    if (!isRunning(world, pair.kernel)) return { kind: "goes", reason: `kernel ${release} was removed` };
    return alone(pair, "the running kernel may still need it", "It goes once another kernel runs: dkms prune");
  }
  if (findKernel(world, pair.kernel).modules !== "present") {
    if (!index.hasSource(module)) return { kind: "goes", reason: "its source was removed" };
    if (force) return { kind: "goes", reason: `kernel ${release} is not installed` };
    return alone(pair, `somebody has built it for kernel ${release}, which is not installed here`, notNeeded);
  }
  if (index.hasSource(module)) return stays;
  const successor = supersedingVersion(versions, pair);
  if (successor !== undefined && state.state === "built") {
    return { kind: "goes", reason: `its source was removed and ${moduleText(successor)} is installed in its place` };
  }
  const awaited = awaitedVersion(versions, pair, (other) => index.hasSource(other));
  if (awaited !== undefined) {
    const command = `dkms install ${moduleText(awaited)} -k ${pair.kernel.release}`;
    return alone(pair, `${moduleText(awaited)} is to take its place and is not installed yet`, command);
  }
  if (state.state === "built" || force) return { kind: "goes", reason: "its source was removed" };
  if (isRunning(world, pair.kernel)) {
    return alone(pair, "its source was removed, but it is installed for the running kernel", notNeeded);
  }
  if (!leftovers.sourceTrees.some((tree) => module.source.startsWith(`${tree}/`))) {
    return alone(pair, `its source was a person's own, ${module.source}, and it is still installed`, notNeeded);
  }
  return { kind: "goes", reason: "its source was removed" };
}

const notNeeded = "If it is not needed: dkms prune --force";

function alone(pair: Pair, why: string, fix: string): PairVerdict {
  return { kind: "stays", leftAlone: { subject: pairWords(pair), why, fix } };
}

function archive(leftovers: Leftovers, { id }: Module): LeftAlone | undefined {
  if (!leftovers.archived.has(moduleText(id))) return undefined;
  const why = "its source was removed, but somebody keeps tarballs in its entry of the dkms tree";
  return { subject: moduleText(id), why, fix: "Move them elsewhere, then: dkms prune" };
}

function isRunning(world: World, kernel: KernelId): boolean {
  return kernel.release === world.running.release;
}
