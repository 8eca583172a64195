/** Which modules an initramfs image is written for, and which of them are not there. */
import type { Hook } from "../../alpm/hook/hook.ts";
import { matchesTargets } from "../../alpm/target-match.ts";
import {
  moduleText,
  pairKey,
  sameKernel,
  sameModule,
  type KernelId,
  type ModuleId,
  type Pair,
} from "../../model/pair.ts";
import { stepPair, type Plan } from "../../model/run/plan.ts";
import { isProvided } from "../../model/machine/lookup.ts";
import type { World } from "../../model/machine/world.ts";

/** What tells which sources a hook is for. */
export interface HookSources {
  /** The hook of the kernel; undefined when there is none, as when a person runs the program: then all modules count. */
  readonly hook: Hook | undefined;
  /** What each installed package that the hook may name owns. */
  readonly owned: ReadonlyMap<string, readonly string[]>;
}

/** Whether a directory below the source tree is one that the hook is for: a package that it names owns its dkms.conf, or a path of it matches. */
export function isHookSource({ hook, owned }: HookSources, directory: string): boolean {
  if (hook === undefined) return true;
  const conf = `usr/src/${directory}/dkms.conf`;
  return hook.triggers.some(({ type, targets }) => {
    if (type === "Path") return matchesTargets(targets, conf);
    return [...owned].some(([name, paths]) => matchesTargets(targets, name) && paths.includes(conf));
  });
}

/** The modules of a kernel that an image is about. */
export interface KernelImageModules {
  /** Installed, with the file names of their objects. */
  readonly installed: readonly { readonly id: ModuleId; readonly objects: readonly string[] }[];
  /** `zfs/2.2.2`, those that the install hook would have installed and has not. */
  readonly missing: readonly string[];
}

/**
 * Sorts the modules of one kernel, given what the install hook would still have to do. A module that is installed and only not up to date counts as
 * installed: writing the image makes nothing worse. One that a package brings prebuilt, or that the kernel has itself, is not missing.
 */
export function imageModules(
  world: World,
  plan: Plan,
  kernel: KernelId,
  counts: (directory: string) => boolean,
): KernelImageModules {
  const modules = world.modules.filter(({ source }) => counts(source.slice(source.lastIndexOf("/") + 1)));
  const installed = modules.flatMap(({ id, pairs }) =>
    pairs
      .filter(({ state, pair }) => state === "installed" && sameKernel(pair.kernel, kernel))
      .map(({ objects }) => ({ id, objects })),
  );
  const provided = modules.filter(({ id }) => isProvided(world, pairOf(id, kernel)));
  const there = new Set([...installed, ...provided].map(({ id }) => id.name));
  const missing = new Map<string, string>();
  for (const { step } of plan.steps) {
    const pair = stepPair(step);
    if (pair === undefined || !sameKernel(pair.kernel, kernel)) continue;
    if (!modules.some(({ id }) => sameModule(id, pair.module))) continue;
    if ([...installed, ...provided].some(({ id }) => sameModule(id, pair.module))) continue;
    missing.set(pairKey(pair), moduleText(pair.module));
  }
  // What the planner refuses to begin with has no step: headers that are not there, a circle of dependencies.
  for (const { id, sourcePresent } of modules) {
    const pair = pairOf(id, kernel);
    if (!sourcePresent || !isMeantFor(world, pair)) continue;
    if (there.has(id.name) || stepNames(missing).includes(id.name)) continue;
    missing.set(pairKey(pair), moduleText(id));
  }
  for (const { directory } of world.unidentified) if (counts(directory)) missing.set(directory, directory);
  return { installed, missing: [...missing.values()] };
}

function pairOf(module: ModuleId, { release, arch }: KernelId): Pair {
  return { module, kernel: { release, arch } };
}

/** The names of the modules among keys of pairs. */
function stepNames(keys: ReadonlyMap<string, string>): readonly string[] {
  return [...keys.values()].map((text) => text.split("/", 1)[0] ?? "");
}

/** Nothing in the conf says that the module is not to be installed for this kernel. */
function isMeantFor(world: World, pair: Pair): boolean {
  const conf = world.confs.get(pairKey(pair));
  if (conf?.kind !== "valid") return conf !== undefined;
  return conf.exclusions.pair.length === 0 && conf.directives.autoinstall !== "no";
}
