/** Looks modules and pairs up in a world: of thousands each is asked about, so that nothing is searched for. */
import { supplyKey } from "../packaging/supply.ts";
import { kernelText, moduleText, pairKey, type KernelId, type ModuleId, type Pair } from "../pair.ts";
import type { Module, PairState, World } from "./world.ts";

/** Modules and pairs by their keys. */
interface ModuleIndex {
  readonly modules: ReadonlyMap<string, Module>;
  readonly pairs: ReadonlyMap<string, PairState>;
  /** By name of the package and kernel. */
  readonly active: ReadonlyMap<string, PairState>;
}

/** Made at the first question, and kept for as long as the world is. */
const indexes = new WeakMap<readonly Module[], ModuleIndex>();

function indexOf({ modules }: Pick<World, "modules">): ModuleIndex {
  const known = indexes.get(modules);
  if (known !== undefined) return known;
  const states = modules.flatMap(({ pairs }) => pairs);
  const installed = states.filter(({ state }) => state === "installed");
  const index = {
    modules: firstOf(modules, ({ id }) => moduleText(id)),
    pairs: firstOf(states, ({ pair }) => pairKey(pair)),
    active: firstOf(installed, ({ pair }) => `${pair.module.name}/${kernelText(pair.kernel)}`),
  };
  indexes.set(modules, index);
  return index;
}

function firstOf<Item>(items: readonly Item[], key: (item: Item) => string): ReadonlyMap<string, Item> {
  return new Map(items.toReversed().map((item) => [key(item), item]));
}

/** The module in the world, or undefined. */
export function findModule(world: Pick<World, "modules">, id: ModuleId): Module | undefined {
  return indexOf(world).modules.get(moduleText(id));
}

/** What the tree holds for a pair, or undefined when it is not built. */
export function findPair(world: Pick<World, "modules">, pair: Pair): PairState | undefined {
  return indexOf(world).pairs.get(pairKey(pair));
}

/** The version of a package that is installed for a kernel, or undefined. */
export function activePair(world: Pick<World, "modules">, name: string, kernel: KernelId): PairState | undefined {
  return indexOf(world).active.get(`${name}/${kernelText(kernel)}`);
}

/** Whether a pair need not be installed: a package brings its module prebuilt, or the kernel's own module is used instead. */
export function isProvided(world: Pick<World, "modules" | "supplies">, pair: Pair): boolean {
  const isSupplied = world.supplies.has(supplyKey(pair.module.name, pair.kernel));
  return isSupplied || findPair(world, pair)?.yieldsTo !== undefined;
}
