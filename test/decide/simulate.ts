/** Carries plans out on worlds that are values, as the executor does on a machine: builds may fail, a run may be killed, steps come in any order that the plan allows. */
import type { ModuleId, Pair } from "../../src/model/pair.ts";
import { kernelText, moduleText, pairKey, sameKernel, sameModule } from "../../src/model/pair.ts";
import { stepPair, type Plan, type Step } from "../../src/model/run/plan.ts";
import { findPair } from "../../src/model/machine/lookup.ts";
import type { Module, PairState, World } from "../../src/model/machine/world.ts";

/** A world, and what plans do not look at: the objects in the kernels' directories, and kernels whose index lags behind them. */
export interface Machine {
  readonly world: World;
  /** By `kernelText` and object file: the module that has put it there. */
  readonly files: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly stale: ReadonlySet<string>;
}

/** How the run goes. */
export interface Fate {
  /** Keys of pairs that do not build. */
  readonly failing?: ReadonlySet<string>;
  /** The run is killed when so many steps have ended. */
  readonly killedAfter?: number;
  /** Which of the steps that could begin does, as numbers; the first one without. */
  readonly choices?: readonly number[];
}

/** A run: the machine after each step, how each step ended, and the machine in the end. */
export interface Run {
  readonly moments: readonly Machine[];
  readonly endings: readonly ("done" | "failed" | "not-attempted" | undefined)[];
  readonly after: Machine;
}

/** The objects of a module; later versions bring more of them, and never one of another package. */
export function objectsOf({ name, version }: ModuleId): readonly string[] {
  return [`${name}.ko`, ...Array.from({ length: Number(version) % 3 }, (_, index) => `${name}-${index}.ko`)];
}

/** A machine whose kernels hold the objects of what is installed. */
export function machineOf(world: World): Machine {
  const files = new Map<string, Map<string, string>>();
  for (const { pair, state } of world.modules.flatMap(({ pairs }) => pairs)) {
    if (state !== "installed") continue;
    const key = kernelText(pair.kernel);
    const there = files.get(key) ?? new Map<string, string>();
    for (const file of objectsOf(pair.module)) there.set(file, moduleText(pair.module));
    files.set(key, there);
  }
  return { world, files, stale: new Set() };
}

/** Carries a plan of a transaction out: its pairs stay in the journal until all of it has ended. Throws when a step would break something. */
export function simulate(start: Machine, plan: Plan, fate: Fate = {}): Run {
  const own = plan.steps.flatMap(({ step }) => stepPair(step) ?? []).map(pairKey);
  let machine = withPending(start, [...start.world.pending, ...own]);
  const moments: Machine[] = [];
  const endings: Run["endings"][number][] = plan.steps.map(() => undefined);
  for (let turn = 0; turn < (fate.killedAfter ?? plan.steps.length); turn += 1) {
    const ready = plan.steps.flatMap(({ needs, after }, index) =>
      endings[index] === undefined && [...needs, ...after].every((other) => endings[other] !== undefined)
        ? [index]
        : [],
    );
    const index = ready[(fate.choices?.[turn] ?? 0) % Math.max(1, ready.length)];
    const planned = index === undefined ? undefined : plan.steps[index];
    if (index === undefined || planned === undefined) break;
    const { step, needs } = planned;
    if (needs.some((other) => endings[other] !== "done")) endings[index] = "not-attempted";
    else if (step.kind === "build" && fate.failing?.has(pairKey(step.pair)) === true) endings[index] = "failed";
    else endings[index] = "done";
    machine = endings[index] === "not-attempted" ? machine : perform(machine, step, endings[index] === "failed");
    moments.push(machine);
  }
  if (endings.includes(undefined)) return { moments, endings, after: machine };
  return {
    moments,
    endings,
    after: withPending(
      machine,
      [...machine.world.pending].filter((key) => !own.includes(key)),
    ),
  };
}

function perform(machine: Machine, step: Step, fails: boolean): Machine {
  const { world } = machine;
  switch (step.kind) {
    case "add":
      return withModule(machine, step.module, (module) => ({ ...module, registration: "added" }));
    case "build":
      return withPair(machine, step.pair, (state) => (fails ? unremembered(state) : built(world, step.pair, state)));
    case "install":
      return install(machine, step.pair);
    case "uninstall": {
      const text = moduleText(step.pair.module);
      const less = withFiles(machine, step.pair, (files) => [...files].filter(([, owner]) => owner !== text));
      return withPair(less, step.pair, (state) => (state === undefined ? undefined : { ...state, state: "built" }));
    }
    case "unbuild":
      if (findPair(world, step.pair)?.state !== "built") throw new Error(`${pairKey(step.pair)} is not just built`);
      return withPair(machine, step.pair, () => undefined);
    case "deregister": {
      const { pairs } = world.modules.find(({ id }) => sameModule(id, step.module)) ?? { pairs: [] };
      if (pairs.length > 0) throw new Error(`${moduleText(step.module)} still has results`);
      return withWorld(machine, { modules: world.modules.filter(({ id }) => !sameModule(id, step.module)) });
    }
    case "tidy": {
      const key = kernelText(step.kernel);
      const stale = new Set([...machine.stale].filter((other) => other !== key));
      const kernels = world.kernels.filter(
        (kernel) =>
          kernelText(kernel) !== key || kernel.headers !== undefined || (machine.files.get(key)?.size ?? 0) > 0,
      );
      return { ...withWorld(machine, { kernels }), stale };
    }
    case "depmod":
      return { ...machine, stale: new Set([...machine.stale].filter((key) => key !== kernelText(step.kernel))) };
    case "import":
      throw new Error("a transaction imports nothing");
  }
}

/** A build begins with forgetting the stamp. */
function unremembered(state: PairState | undefined): PairState | undefined {
  return state === undefined ? undefined : { ...state, freshness: "unknown" };
}

function built(world: World, pair: Pair, state: PairState | undefined): PairState {
  const conf = world.confs.get(pairKey(pair));
  if (conf?.kind !== "valid") throw new Error(`${pairKey(pair)} is built without a conf`);
  const builtWith = new Map<string, string>();
  for (const name of conf.directives.buildDepends) {
    const active = activeVersion(world, { ...pair, module: { ...pair.module, name: name as ModuleId["name"] } });
    if (active === undefined) throw new Error(`${pairKey(pair)} is built without ${name}`);
    builtWith.set(name, active.module.version);
  }
  return { pair, state: state?.state ?? "built", objects: objectsOf(pair.module), freshness: "current", builtWith };
}

function install(machine: Machine, pair: Pair): Machine {
  if (findPair(machine.world, pair) === undefined) throw new Error(`${pairKey(pair)} is installed and not built`);
  const before = activeVersion(machine.world, pair);
  const former = before === undefined ? [] : objectsOf(before.module);
  const objects = objectsOf(pair.module).map((file) => [file, moduleText(pair.module)] as const);
  const placed = withFiles(machine, pair, (files) => [
    ...[...files].filter(([file]) => !former.includes(file)),
    ...objects,
  ]);
  const idle =
    before === undefined ? placed : withPair(placed, before, (state) => state && { ...state, state: "built" });
  return withPair(idle, pair, (state) => state && { ...state, state: "installed" });
}

function activeVersion(world: World, { module, kernel }: Pair): Pair | undefined {
  const states = world.modules.filter(({ id }) => id.name === module.name).flatMap(({ pairs }) => pairs);
  return states.find(({ pair, state }) => state === "installed" && sameKernel(pair.kernel, kernel))?.pair;
}

function withFiles(
  machine: Machine,
  { kernel }: Pair,
  change: (files: ReadonlyMap<string, string>) => Iterable<readonly [string, string]>,
): Machine {
  const key = kernelText(kernel);
  const files = new Map([...machine.files, [key, new Map(change(machine.files.get(key) ?? new Map()))]]);
  const isThere = machine.world.kernels.some((known) => kernelText(known) === key);
  return { ...machine, files, stale: isThere ? new Set([...machine.stale, key]) : machine.stale };
}

function withPair(
  machine: Machine,
  pair: Pair,
  change: (state: PairState | undefined) => PairState | undefined,
): Machine {
  return withModule(machine, pair.module, (module) => {
    const known = module.pairs.find((state) => pairKey(state.pair) === pairKey(pair));
    const changed = change(known);
    return {
      ...module,
      pairs: [...module.pairs.filter((state) => state !== known), ...(changed === undefined ? [] : [changed])],
    };
  });
}

function withModule(machine: Machine, id: ModuleId, change: (module: Module) => Module): Machine {
  const modules = machine.world.modules.map((module) => (sameModule(module.id, id) ? change(module) : module));
  return withWorld(machine, { modules });
}

/** The same machine with another journal. */
export function withPending(machine: Machine, pending: readonly string[]): Machine {
  return withWorld(machine, { pending: new Set(pending) });
}

function withWorld(machine: Machine, change: Partial<World>): Machine {
  return { ...machine, world: { ...machine.world, ...change } };
}
