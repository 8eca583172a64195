/** What properties of plans ask of worlds: which pairs are wanted, told here a second time and in another way than the planner does. */
import fc from "fast-check";
import { decide } from "../../src/decide/plan/plan.ts";
import { compareDkmsVersions } from "../../src/model/conf/dkms-version.ts";
import { moduleText, pairKey, sameKernel, type Pair } from "../../src/model/pair.ts";
import type { Plan, Step } from "../../src/model/run/plan.ts";
import type { Request, Scope } from "../../src/model/run/request.ts";
import { findModule, findPair } from "../../src/model/machine/lookup.ts";
import type { Kernel, Module, World } from "../../src/model/machine/world.ts";
import { unfinishedPairs } from "../../src/decide/plan/draft.ts";
import { orderOfRequests } from "../../src/decide/unfinished/unfinished.ts";
import { observed, type Situation } from "./generated-worlds.ts";
import { machineOf, simulate, withPending, type Fate, type Machine, type Run } from "./simulate.ts";
import { isLong, seed } from "../form.ts";

/** A request of a hook. */
export type HookRequest = Extract<Request, { scope: Scope }>;

/** How often a property is tried. */
export const runs = { seed, numRuns: isLong ? 4000 : 400 };

/** One of the two hooks, with its targets. */
export const hooks = fc.constantFrom("transaction-install" as const, "transaction-remove" as const);

/** The request of a hook in a situation. */
export function requestOf(situation: Situation, kind: HookRequest["kind"]): HookRequest {
  return { kind, scope: kind === "transaction-install" ? situation.install : situation.remove };
}

/** What a hook plans when it finds the machine so. */
export function planOn(machine: Machine, request: HookRequest): Plan {
  return decide(observed(machine.world, request), request);
}

/** What became of a hook's own plan, and the machine after what else was left to finish. */
export interface HookRun extends Run {
  readonly plan: Plan;
}

/** What a killed hook leaves: its targets, besides the journal. */
export interface LeftTargets {
  readonly install: Scope;
  readonly remove: Scope;
}

/** No targets at all. */
export const noScope: Scope = { releases: new Set(), sourceDirectories: new Set() };

/** One hook from beginning to end, with what earlier runs have left. Only its own plan has the fate; the rest goes well. */
export function runHook(
  machine: Machine,
  request: HookRequest,
  fate: Fate = {},
  left: LeftTargets = { install: noScope, remove: noScope },
): HookRun {
  const entries = unfinishedPairs(machine.world).map((pair) => ({ pair, command: undefined }));
  const order = orderOfRequests(request, { entries, ...left });
  const plan = planOn(machine, order.main as HookRequest);
  const own = simulate(machine, plan, fate);
  if (fate.killedAfter !== undefined) return { plan, ...own };
  let { after } = own;
  for (const other of order.after) after = simulate(after, planOn(after, other as HookRequest)).after;
  const begun = machine.world.pending;
  return {
    plan,
    ...own,
    after: withPending(
      after,
      [...after.world.pending].filter((key) => !begun.has(key)),
    ),
  };
}

/** The machine in which a situation is found. */
export const start = (situation: Situation): Machine => machineOf(situation.world);

/** Steps that change something: what strangers have put into the directory of a removed kernel keeps it there, and it is looked at again. */
export function work({ steps }: Plan): readonly string[] {
  return steps.filter(({ step }) => step.kind !== "tidy").map(({ step }) => JSON.stringify(step));
}

/** The steps of one kind. */
export function stepsOf<Kind extends Step["kind"]>(
  { steps }: Plan,
  kind: Kind,
): readonly Extract<Step, { kind: Kind }>[] {
  return steps.map(({ step }) => step).filter((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
}

/** Keys of the pairs that the tree holds, with their states. */
export function pairsOf(world: World): ReadonlyMap<string, string> {
  const states = world.modules.flatMap(({ pairs }) => pairs);
  return new Map(
    states.map(({ pair, state }) => [pairKey(pair), state] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A kernel that modules are wanted for. */
export const isHere = (world: World, pair: Pair): boolean =>
  world.kernels.some((kernel) => sameKernel(kernel, pair.kernel) && kernel.modules === "present");

/** A source that something can be built from. */
export function hasSource(world: World, module: Module): boolean {
  const confs = [...world.confs].filter(([key]) => key.startsWith(`${moduleText(module.id)}/`));
  return module.sourcePresent && confs.every(([, { kind }]) => kind !== "missing");
}

/** The pairs that an install hook wants: built and installed when it is done, or told why not. */
export function wantedPairs(world: World, { releases, sourceDirectories }: Scope): readonly Pair[] {
  const names = new Set(world.modules.map(({ id }) => id.name));
  return world.kernels.flatMap((kernel) =>
    [...names].flatMap((name) => {
      const rivals = world.modules
        .filter((module) => module.id.name === name && isCandidate(world, kernel, module))
        .filter(
          ({ id, source }) =>
            releases.has(kernel.release) ||
            sourceDirectories.has(source.split("/").at(-1) ?? "") ||
            world.pending.has(pairKey({ module: id, kernel })),
        );
      const meant = rivals.filter(({ id }) => isMeant(world, { module: id, kernel }));
      const named = meant.filter(({ source }) => sourceDirectories.has(source.split("/").at(-1) ?? ""));
      const [best] = (named.length > 0 ? named : meant).toSorted((a, b) =>
        compareDkmsVersions(b.id.version, a.id.version),
      );
      return best === undefined ? [] : [{ module: best.id, kernel: { release: kernel.release, arch: kernel.arch } }];
    }),
  );
}

function isMeant(world: World, pair: Pair): boolean {
  const conf = world.confs.get(pairKey(pair));
  return conf?.kind !== "valid" || conf.exclusions.pair.length === 0;
}

function isCandidate(world: World, kernel: Kernel, module: Module): boolean {
  const pair: Pair = { module: module.id, kernel };
  const conf = world.confs.get(pairKey(pair));
  if (kernel.modules !== "present" || kernel.headers === undefined) return false;
  if (!hasSource(world, module) || module.source.startsWith("/var/lib/dkms")) return false;
  if (conf?.kind === "valid" && conf.directives.autoinstall === "no") return false;
  const versions = world.modules.filter(({ id }) => id.name === module.id.name);
  const holdsIt = versions.some(({ id }) => isHeld(world, { module: id, kernel }));
  return kernel.pkgbase !== undefined || world.kernelChoice === "all" || holdsIt;
}

function isHeld(world: World, pair: Pair): boolean {
  return findPair(world, pair)?.state === "installed" || world.pending.has(pairKey(pair));
}

/** Whether a plan has told why it does not bring a pair. */
export function isTold({ findings }: Plan, pair: Pair): boolean {
  return findings.some(({ error, pair: about }) => {
    if (about !== undefined && pairKey(about) === pairKey(pair)) return true;
    const { message } = error;
    if (!message.includes(pair.kernel.release)) return false;
    return error.code === "dependency-circle"
      ? ` ${message.split(": ")[1]}`.match(`\\b${pair.module.name}\\b`) !== null
      : message.includes(moduleText(pair.module));
  });
}

/** Whether a pair is installed and built from what is there now. */
export function isInPlace(world: World, pair: Pair): boolean {
  const state = findPair(world, pair);
  return state?.state === "installed" && state.freshness === "current";
}

/** Whether another version of a pair's package has a source. */
export function hasRivalSource(world: World, pair: Pair): boolean {
  const own = findModule(world, pair.module);
  return world.modules.some((other) => other !== own && other.id.name === pair.module.name && hasSource(world, other));
}
