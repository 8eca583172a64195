/** Pairs that should be installed and are not: what hooks would install, and what is built with no version of its package installed. Pure. */
import { activePair, isProvided } from "../../model/machine/lookup.ts";
import { findKernel, type World } from "../../model/machine/world.ts";
import { kernelText, pairKey, type Pair } from "../../model/pair.ts";
import type { Finding, Plan } from "../../model/run/plan.ts";
import { kernelsInOrder } from "../plan/order.ts";
import { decide } from "../plan/plan.ts";

/** What hooks would do in a transaction that touches all kernels. */
export function planForAllKernels(world: World): Plan {
  const releases = new Set(world.kernels.map(({ release }) => release));
  return decide(world, { kind: "transaction-install", scope: { releases, sourceDirectories: new Set() } });
}

/** The pairs, and what the planner found that keeps further ones from being installed. */
export interface Missing {
  readonly pairs: readonly Pair[];
  readonly findings: readonly Finding[];
}

/**
 * The missing pairs, those of the running kernel first, then as in every plan; dependencies stay before what needs them. Whether inputs have changed does
 * not matter here, nor what the journal names. A pair that gave way to the kernel's own module is not missing.
 */
export function missingPairs(world: World): Missing {
  const modules = world.modules.map((module) => ({
    ...module,
    pairs: module.pairs.map((state) => ({ ...state, freshness: "current" as const, damage: undefined })),
  }));
  const plan = planForAllKernels({ ...world, modules, pending: new Set() });
  const wanted = plan.steps.flatMap(({ step }) => (step.kind === "install" ? [step.pair] : []));
  const all = new Map([...wanted, ...idlePairs(world)].map((pair) => [pairKey(pair), pair]));
  const kernels = kernelsInOrder(world, new Set([world.running.release])).map(kernelText);
  const pairs = [...all.values()].toSorted(
    (a, b) => kernels.indexOf(kernelText(a.kernel)) - kernels.indexOf(kernelText(b.kernel)),
  );
  return { pairs, findings: plan.findings };
}

/** Pairs that are built, and no version of their package is installed. */
function idlePairs(world: World): readonly Pair[] {
  return world.modules
    .filter(({ sourcePresent }) => sourcePresent)
    .flatMap(({ pairs }) => pairs)
    .filter(({ pair, state }) => state === "built" && findKernel(world, pair.kernel).modules === "present")
    .map(({ pair }) => pair)
    .filter((pair) => activePair(world, pair.module.name, pair.kernel) === undefined)
    .filter((pair) => !isProvided(world, pair));
}
