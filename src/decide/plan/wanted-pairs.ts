/** Wanted pairs in a transaction's scope: brought where they are not in place, or where their inputs have changed. */
import { DkmsError } from "../../model/errors.ts";
import { damageWords } from "../../model/machine/damage.ts";
import { moduleText, pairKey, type Pair } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Kernel, PairState } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import { bringNeeds, needsCompiler } from "./kernel-work.ts";
import { tellLeftOut } from "./left-out.ts";
import { tellLostHeaders } from "./obstacles.ts";
import { leadingVersion } from "./wanted-version.ts";
import {
  buildFor,
  damagedNeeds,
  missingDependencies,
  outdatedDependents,
  waitingModules,
  withConsequences,
  type Consequence,
  type Need,
  type Needs,
} from "./needs.ts";
import { ownObstacle } from "./obstacles.ts";
import { kernelsInOrder } from "./order.ts";
import { giveWay } from "./supplied.ts";
import type { WorldIndex } from "./world-index.ts";

/** Appends the steps for every wanted pair in scope, the kernel that matters most first. */
export function bringWanted(index: WorldIndex, draft: Draft, scope: Scope): void {
  tellUnidentified(index, draft, scope);
  tellLeftOut(index, draft, scope);
  for (const kernel of kernelsInOrder(index.world, scope.releases)) {
    if (kernel.modules !== "present") continue;
    const { needs: named, refused } = namedNeeds(index, draft, kernel, scope);
    const waiting: Consequence = (...cause) =>
      waitingModules(...cause).filter(({ module }) => !refused.has(module.id.name));
    const repairs = damagedNeeds(index, kernel).filter(
      ({ module: { id } }) => !named.has(id.name) && !refused.has(id.name),
    );
    const own = new Map([...named, ...repairs.map((need) => [need.module.id.name, need] as const)]);
    const needs = withConsequences(index, kernel, own, [missingDependencies, waiting, outdatedDependents]);
    bringNeeds(index, draft, kernel, { needs, unknownDependency: "refused" });
  }
  tellLostHeaders(index, draft, scope);
}

function tellUnidentified(index: WorldIndex, draft: Draft, scope: Scope): void {
  for (const { directory, conf, errors } of index.world.unidentified) {
    if (!scope.sourceDirectories.has(directory)) continue;
    draft.find(
      "refusal",
      new DkmsError("conf-invalid", `${conf} does not name its module.`, {
        path: conf,
        excerpt: errors,
        hint: "Report it to the maintainer of the package that brings it.",
      }),
    );
  }
}

/**
 * What cannot be had for reasons of its own is told and no need: it must not stand in the way of another version that is installed. Another version that
 * is not is none to have in its place: its name is among those `refused`.
 */
function namedNeeds(
  index: WorldIndex,
  draft: Draft,
  kernel: Kernel,
  scope: Scope,
): { readonly needs: Needs; readonly refused: ReadonlySet<string> } {
  const needs = new Map<string, Need>();
  const refused = new Set<string>();
  for (const name of index.names) {
    const module = leadingVersion(index, kernel, name, scope);
    if (module === undefined) continue;
    const pair: Pair = { module: module.id, kernel: { release: kernel.release, arch: kernel.arch } };
    const supply = index.supply(name, kernel);
    if (supply !== undefined) {
      giveWay(index, draft, pair, supply);
      continue;
    }
    const state = index.pair(pair);
    const reason = reasonFor(index, scope, pair, state);
    if (reason === undefined) continue;
    const need: Need = { module, reason, build: buildFor(index, state), cause: "itself" };
    if (kernel.headers === undefined && staysAsItIs(index, kernel, need, state)) continue;
    const obstacle = needsCompiler(index, need, kernel) ? ownObstacle(index, pair) : undefined;
    if (obstacle === undefined) {
      needs.set(name, need);
      continue;
    }
    refused.add(name);
    draft.find(obstacle.code === "excluded" ? "skip" : "refusal", obstacle, pair);
  }
  return { needs, refused };
}

/**
 * Why a pair in scope needs work; undefined when it is installed and nothing that it was built from has changed. Of one that a killed run has installed,
 * what it replaces may still be there: it is installed once more.
 */
function reasonFor(index: WorldIndex, scope: Scope, pair: Pair, state: PairState | undefined): string | undefined {
  const isUnfinished = index.world.pending.has(pairKey(pair));
  if (state === undefined) {
    if (isUnfinished) return "an earlier run did not finish it";
    return scope.releases.has(pair.kernel.release)
      ? `kernel ${pair.kernel.release} has changed and the module is not built for it`
      : `${moduleText(pair.module)} is new and not built for this kernel`;
  }
  if (state.freshness === "changed") return "what it was built from has changed";
  if (state.state !== "installed" && (state.yieldsTo === undefined || isUnfinished))
    return "it is built and not installed";
  if (state.damage !== undefined) return damageWords(state.damage);
  if (state.freshness === "unknown") return "nothing tells what it was built from";
  return isUnfinished ? "an earlier run did not finish it" : undefined;
}

/**
 * Without headers nothing is wanted of a pair that is installed already, nor for a kernel that no package owns; only for a package's kernel that
 * has not got the module are they missing.
 */
function staysAsItIs(index: WorldIndex, kernel: Kernel, need: Need, state: PairState | undefined): boolean {
  if (!needsCompiler(index, need, kernel)) return false;
  const isUnowned = kernel.pkgbase === undefined && index.world.kernelChoice === "packaged";
  return state?.state === "installed" || isUnowned;
}
