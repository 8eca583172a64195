/** Looks, at the end of a run, whether what it has installed is still installed: a program that takes no lock may have removed it. Pure. */
import type { Module } from "../../model/machine/world.ts";
import { pairKey, sameKernel, sameModule, type Pair } from "../../model/pair.ts";
import type { Outcome } from "../../model/run/outcome.ts";
import { stepPair } from "../../model/run/plan.ts";

/** The pairs that the run has installed and left so, and that `modules` do not have installed. */
export function lostPairs(outcomes: readonly Outcome[], modules: readonly Module[]): readonly Pair[] {
  const left = new Map<string, Pair>();
  const forget = (isMeant: (pair: Pair) => boolean): void => {
    for (const [key, pair] of left) if (isMeant(pair)) left.delete(key);
  };
  for (const { planned, ending } of outcomes) {
    const { step } = planned;
    if (ending.kind === "unchanged") continue;
    const own = stepPair(step);
    if (own !== undefined) left.delete(pairKey(own));
    // One version of a module is installed for a kernel; and what has failed may have done the half of its work.
    if (step.kind === "install")
      forget(({ module, kernel }) => module.name === step.pair.module.name && sameKernel(kernel, step.pair.kernel));
    if (step.kind === "deregister") forget(({ module }) => sameModule(module, step.module));
    if (step.kind === "depmod" && ending.kind !== "done")
      for (const pair of step.dependents) left.delete(pairKey(pair));
    if (step.kind === "install" && ending.kind === "done") left.set(pairKey(step.pair), step.pair);
  }
  const states = modules.flatMap(({ pairs }) => pairs).filter(({ state }) => state === "installed");
  const installed = new Set(states.map(({ pair }) => pairKey(pair)));
  return [...left.values()].filter((pair) => !installed.has(pairKey(pair)));
}
