/** The steps that bring one pair to where it is wanted. */
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { wantedObjects } from "../../model/machine/world.ts";
import type { Pair } from "../../model/pair.ts";
import type { Draft } from "./draft.ts";
import { buildObstacle } from "./obstacles.ts";
import { dropSuperseded, replacedBy } from "./successors.ts";
import type { WorldIndex } from "./world-index.ts";

/** How far a pair is to be brought, and how insistently. */
export interface Goal {
  readonly state: "built" | "installed";
  readonly force: boolean;
  /** `always`: what is built is built anew. `when-missing`: only what is not built. */
  readonly build: "always" | "when-missing";
  /** What a dependency that dkms has never heard of makes of the pair. */
  readonly unknownDependency: "refused" | "deferred";
  /** Whether it is no failure when the kernel keeps a module of its own, newer or the same. */
  readonly yields: boolean;
  readonly reason: string;
}

/** Appends the steps for a pair, or the finding that keeps it from them; returns the position of its last step. */
export function bringPair(index: WorldIndex, draft: Draft, pair: Pair, goal: Goal): number | undefined {
  const needsBuild = index.pair(pair) === undefined || goal.build === "always";
  const obstacle = needsBuild ? buildObstacle(index, draft, pair, goal) : undefined;
  if (obstacle !== undefined) {
    const isSkip = obstacle.code === "excluded" || obstacle.code === "dependency-deferred";
    draft.find(isSkip ? "skip" : "refusal", obstacle, pair);
    return undefined;
  }
  let position: number | undefined;
  if (needsBuild) {
    const needs = [...registration(index, draft, pair, goal), ...dependencySteps(index, draft, pair)];
    position = draft.step({ kind: "build", pair }, goal.reason, needs);
  }
  if (goal.state === "built") return position;
  const needs = position === undefined ? [] : [position];
  const step = { kind: "install", pair, replaces: replacedBy(index, pair), yields: goal.yields } as const;
  const objects = objectNames(index, pair);
  // Of two modules with an object of the same name, one takes the other's place: not both at once.
  const installed = draft.step(step, goal.reason, needs, draft.claimants(pair.kernel, objects));
  draft.claim(pair.kernel, objects, installed);
  dropSuperseded(index, draft, pair, installed);
  return installed;
}

function objectNames(index: WorldIndex, pair: Pair): readonly string[] {
  const conf = index.conf(pair);
  if (conf !== undefined) return wantedObjects(conf).map(({ destName }) => destName);
  return (index.pair(pair)?.objects ?? []).flatMap((file) => parseObjectFileName(file)?.name ?? []);
}

/** The steps of this plan that install what a pair's build depends on. */
function dependencySteps(index: WorldIndex, draft: Draft, pair: Pair): readonly number[] {
  const names = index.conf(pair)?.directives.buildDepends ?? [];
  return names
    .flatMap((name) => index.versions(name))
    .map(({ id }) => draft.installOf({ module: id, kernel: pair.kernel }))
    .filter((position) => position !== undefined);
}

function registration(index: WorldIndex, draft: Draft, pair: Pair, { force }: Pick<Goal, "force">): readonly number[] {
  const module = index.module(pair.module);
  if (module === undefined || module.registration === "added") return [];
  return [draft.add(module, { force, postAdd: "ignored", reason: "its source is there and it is not registered" })];
}
