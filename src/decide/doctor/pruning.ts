/** Whether `dkms prune` would do anything about a module: advice that changes nothing is none. */
import type { Health } from "../../model/health/health.ts";
import type { LeftAlone } from "../../model/health/leftovers.ts";
import { moduleText, pairWords } from "../../model/pair.ts";
import type { Module } from "../../model/machine/world.ts";
import type { Step } from "../../model/run/plan.ts";
import { planPrune } from "../prune/prune.ts";

/** What prune would do for single modules. */
export interface PruneAdvice {
  /** Whether it removes something of the module. */
  helps(module: Module): boolean;
  /** Why it leaves a pair of the module alone, and what helps instead; undefined when it leaves none alone. */
  leftAlone(module: Module): LeftAlone | undefined;
}

/** Asks prune itself. */
export function pruneAdvice({ world, leftovers }: Pick<Health, "world" | "leftovers">): PruneAdvice {
  const { plan, leftAlone } = planPrune(world, leftovers, { force: false });
  const removed = new Set(plan.steps.flatMap(({ step }) => moduleOf(step) ?? []));
  const alone = new Map(leftAlone.map((entry) => [entry.subject, entry]));
  return {
    helps: ({ id }) => removed.has(moduleText(id)),
    leftAlone: ({ pairs }) => pairs.map(({ pair }) => alone.get(pairWords(pair))).find((entry) => entry !== undefined),
  };
}

function moduleOf(step: Step): string | undefined {
  if (step.kind === "deregister") return moduleText(step.module);
  return step.kind === "unbuild" ? moduleText(step.pair.module) : undefined;
}
