/** What a plan looks up in a world beside modules, pairs and kernels: made once for it, so that planning takes a time that grows with the machine and not with its square. */
import { grouped } from "../../model/grouped.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { activePair, findModule, findPair } from "../../model/machine/lookup.ts";
import { kernelText, moduleText, pairKey, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import { supplyKey, type Supply } from "../../model/packaging/supply.ts";
import {
  findKernel,
  type Conf,
  type Kernel,
  type Module,
  type PairState,
  type World,
} from "../../model/machine/world.ts";

/** A valid conf of a pair. */
export type ValidConf = Extract<Conf, { kind: "valid" }>;

/** The same world, by keys. */
export class WorldIndex {
  readonly world: World;
  readonly #versions: ReadonlyMap<string, readonly Module[]>;
  readonly #confless = new Set<string>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #orphans = new Map<string, ModuleId[]>();

  constructor(world: World) {
    this.world = world;
    this.#versions = grouped(world.modules, ({ id }) => id.name);
    for (const [key, conf] of world.confs) {
      const [name = "", version = "", ...kernel] = key.split("/");
      if (conf.kind === "missing") this.#confless.add(`${name}/${version}`);
      if (conf.kind !== "valid") continue;
      for (const dependency of conf.directives.buildDepends) {
        const at = `${dependency}/${kernel.join("/")}`;
        this.#dependents.set(at, (this.#dependents.get(at) ?? new Set()).add(name));
      }
    }
    for (const state of world.modules.filter((module) => !this.hasSource(module)).flatMap(({ pairs }) => pairs)) {
      if (state.state !== "installed") continue;
      for (const file of state.objects) {
        const at = activeKey(parseObjectFileName(file)?.name ?? file, state.pair.kernel);
        this.#orphans.set(at, [...(this.#orphans.get(at) ?? []), state.pair.module]);
      }
    }
  }

  /** Names of packages, in the order of the world. */
  get names(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** Every version of a package that is registered or waits to be. */
  versions(name: string): readonly Module[] {
    return this.#versions.get(name) ?? [];
  }

  /** The module, or undefined. */
  module(id: ModuleId): Module | undefined {
    return findModule(this.world, id);
  }

  /** The kernel, or one of which nothing is there. */
  kernel(id: KernelId): Kernel {
    return findKernel(this.world, id);
  }

  /** What the tree holds for a pair, or undefined when it is not built. */
  pair(pair: Pair): PairState | undefined {
    return findPair(this.world, pair);
  }

  /** The version of a package that is installed for a kernel, or undefined. */
  active(name: string, kernel: KernelId): PairState | undefined {
    return activePair(this.world, name, kernel);
  }

  /** What is installed for a kernel though its source was removed, and has an object of this name. */
  orphans(object: string, kernel: KernelId): readonly ModuleId[] {
    return this.#orphans.get(activeKey(object, kernel)) ?? [];
  }

  /** What a package brings of a module to a kernel ready-made, in whichever version; undefined when none does. */
  supply(name: string, kernel: KernelId): Supply | undefined {
    return this.world.supplies.get(supplyKey(name, kernel));
  }

  /** The conf of a pair, if it has been evaluated and is good. */
  conf(pair: Pair): ValidConf | undefined {
    const conf = this.world.confs.get(pairKey(pair));
    return conf?.kind === "valid" ? conf : undefined;
  }

  /** Names of the packages of which some version says that it is built against this one. */
  dependents(name: string, kernel: KernelId): readonly string[] {
    return [...(this.#dependents.get(activeKey(name, kernel)) ?? [])];
  }

  /** Whether a module's source is there: a directory in which strangers' files remain after its dkms.conf was removed is none. */
  hasSource({ id, sourcePresent }: Module): boolean {
    return sourcePresent && !this.#confless.has(moduleText(id));
  }
}

function activeKey(name: string, kernel: KernelId): string {
  return `${name}/${kernelText(kernel)}`;
}
