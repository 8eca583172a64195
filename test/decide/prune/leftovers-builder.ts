/** Builds leftovers and health for tests from a few words; what is not named is not there. */
import type { Health } from "../../../src/model/health/health.ts";
import type { FoundObject, Leftovers, PairRecord } from "../../../src/model/health/leftovers.ts";
import type { World } from "../../../src/model/machine/world.ts";
import { kernel, moduleId } from "../world-builder.ts";

/** Leftovers. */
export function leftovers(given: Partial<Leftovers> = {}): Leftovers {
  return {
    sourceTrees: ["/usr/src"],
    objects: [],
    staged: [],
    builds: [],
    stamps: [],
    logs: [],
    links: [],
    kept: [],
    originals: [],
    entries: [],
    archived: new Set(),
    emptyDirectories: [],
    untidy: [],
    begun: [],
    unindexed: [],
    results: [],
    cacheLimit: 2 ** 31,
    unfinishedResults: [],
    workDirectories: [],
    ...given,
  };
}

/** An object that nobody owns and that its kernel could load. */
export function found(release: string, name: string, more: Partial<FoundObject> = {}): FoundObject {
  return { release, path: `/M/${release}/${name}.ko`, name, owner: "none", loadable: true, ...more };
}

/** A record of `zfs/2.2` for a kernel. */
export function record(path: string, module: string, release: string): PairRecord {
  return { path, pair: { module: moduleId(module), kernel: kernel(release) } };
}

/** The health of a machine with every program, where nothing demands signatures. */
export function health(world: World, more: Partial<Health> = {}): Health {
  return {
    world,
    leftovers: leftovers(),
    policy: { lockdown: "none", secureBoot: "off", enforced: false },
    faults: new Map(),
    uses: new Map(),
    unsigned: new Map(),
    programs: new Set(["bash", "make", "gcc", "ld", "strip", "depmod", "modinfo", "flock", "bwrap"]),
    compilers: new Map(),
    lastTransaction: undefined,
    suffixes: new Map(),
    runningKernelLines: new Map(),
    settingsFaults: [],
    sandbox: "auto",
    node: "v20.19.0",
    ...more,
  };
}
