/** Facts of the next boot: what the world and the planner say of modules, and what was read of each kernel. Pure. */
import type {
  KernelFacts,
  MissingCause,
  ModuleFacts,
  ModulePresence,
  ObservedKernel,
  RequiredModule,
} from "../../model/boot/facts.ts";
import { compareDkmsVersions } from "../../model/conf/dkms-version.ts";
import { grouped } from "../../model/grouped.ts";
import { activePair, findPair } from "../../model/machine/lookup.ts";
import { findKernel, wantedObjects, type Kernel, type Module, type World } from "../../model/machine/world.ts";
import { supplyKey } from "../../model/packaging/supply.ts";
import { pairKey, type KernelId } from "../../model/pair.ts";
import { stepPair, type Finding, type Plan } from "../../model/run/plan.ts";
import { planTransactionInstall } from "../plan/install-plans.ts";
import { objectKey } from "../../model/kernel-object.ts";

/** The kernels that are judged: those that a package owns, or all where DKMS serves all. */
export function judgedKernels(world: World): readonly Kernel[] {
  return world.kernels.filter(
    ({ modules, pkgbase }) => modules === "present" && (pkgbase !== undefined || world.kernelChoice === "all"),
  );
}

/** The facts of every observed kernel; `plan` is what the install hook would still do for all of them. */
export function kernelFacts(
  world: World,
  observed: readonly ObservedKernel[],
  required: readonly RequiredModule[],
  plan: Plan = wholePlan(world),
): readonly KernelFacts[] {
  const names = new Set([...world.modules.map(({ id }) => id.name), ...required.map(({ name }) => name)]);
  for (const { pair } of world.supplies.values()) names.add(pair.module.name);
  const withSource = world.modules.filter(({ sourcePresent }) => sourcePresent);
  const machine: Machine = {
    world,
    names: [...names].toSorted(),
    required: new Set(required.map(({ name }) => name)),
    versions: grouped(withSource, ({ id }) => id.name),
    obstacles: grouped(
      plan.findings.filter(({ kind }) => kind !== "warning"),
      ({ pair }) => (pair === undefined ? "" : pairKey(pair)),
    ),
    planned: new Set(
      plan.steps.flatMap(({ step }) => {
        const pair = step.kind === "install" ? stepPair(step) : undefined;
        return pair === undefined ? [] : [pairKey(pair)];
      }),
    ),
  };
  return observed.map((kernel) => ({
    kernel: kernel.kernel,
    pkgbase: kernel.pkgbase,
    modules: moduleFacts({ ...machine, kernel }),
    start: kernel.start,
  }));
}

/** Whether inputs have changed does not matter to the next boot. */
function wholePlan(world: World): Plan {
  const modules = world.modules.map((module) => ({
    ...module,
    pairs: module.pairs.map((state) => ({ ...state, freshness: "current" as const })),
  }));
  const releases = new Set(world.kernels.map(({ release }) => release));
  const scope = { releases, sourceDirectories: new Set<string>() };
  return planTransactionInstall({ ...world, modules, pending: new Set() }, scope);
}

/** What is the same for every kernel, so that each of thousands of modules is looked up and not searched for. */
interface Machine {
  readonly world: World;
  /** All modules that there may be something to say about, in order. */
  readonly names: readonly string[];
  readonly required: ReadonlySet<string>;
  /** Those whose source is there, by name. */
  readonly versions: ReadonlyMap<string, readonly Module[]>;
  /** What the plan says of pairs that it does nothing about, by `pairKey`. */
  readonly obstacles: ReadonlyMap<string, readonly Finding[]>;
  /** Pairs that it would install. */
  readonly planned: ReadonlySet<string>;
}

interface Scene extends Machine {
  readonly kernel: ObservedKernel;
}

function moduleFacts(scene: Scene): readonly ModuleFacts[] {
  return scene.names.flatMap((name): readonly ModuleFacts[] => {
    const presence = presenceOf(scene, name);
    if (presence !== undefined) return [{ name, presence }];
    if (!scene.required.has(name)) return [];
    return [{ name, presence: kernelsOwn(scene, [name]) ?? addition(scene, name) ?? unwanted(scene, name) }];
  });
}

/** A required module that nothing wants for this kernel: without a source, or with one that no hook builds by itself. */
function unwanted({ world, versions, kernel }: Scene, name: string): ModulePresence {
  const [newest] = (versions.get(name) ?? []).toSorted((a, b) => compareDkmsVersions(b.id.version, a.id.version));
  if (newest === undefined) return { kind: "missing", id: undefined, cause: { kind: "no-source" } };
  const hasHeaders = findKernel(world, kernel.kernel).headers !== undefined;
  return { kind: "missing", id: newest.id, cause: { kind: hasHeaders ? "by-hand" : "no-headers" } };
}

/** Undefined for a module that is not meant for this kernel, nor there. */
function presenceOf(scene: Scene, name: string): ModulePresence | undefined {
  const { world, kernel } = scene;
  const objects = kernel.objects.get(name) ?? [];
  const active = activePair(world, name, kernel.kernel);
  if (active !== undefined) return { kind: "installed", id: active.pair.module, objects };
  const supply = world.supplies.get(supplyKey(name, kernel.kernel));
  if (supply !== undefined) return { kind: "prebuilt", id: supply.pair.module, package: supply.package, objects };
  const versions = scene.versions.get(name) ?? [];
  const answers = versions.flatMap((module) => missingPresence(scene, module) ?? []);
  // A version that is left out says nothing of another one that is wanted.
  const missing = answers.find(({ kind }) => kind === "missing") ?? answers[0];
  if (missing === undefined) return undefined;
  return (
    kernelsOwn(
      scene,
      versions.flatMap((module) => objectNames(world, module, kernel.kernel)),
    ) ?? missing
  );
}

/** What stands in a module's way; undefined when nothing wants it for this kernel. */
function missingPresence({ world, obstacles, planned, kernel }: Scene, { id }: Module): ModulePresence | undefined {
  const key = pairKey({ module: id, kernel: kernel.kernel });
  const [obstacle] = obstacles.get(key) ?? [];
  if (obstacle !== undefined) {
    const { error } = obstacle;
    if (error.code === "excluded") {
      return { kind: "excluded", why: error.facts.excerpt?.join("; ") ?? error.message };
    }
    const isHeaders = error.code === "headers-missing";
    const cause: MissingCause = isHeaders ? { kind: "no-headers" } : { kind: "obstacle", why: error.message };
    return { kind: "missing", id, cause };
  }
  if (planned.has(key)) return { kind: "missing", id, cause: { kind: "not-installed" } };
  const conf = world.confs.get(key);
  if (conf?.kind === "valid" && conf.exclusions.pair.length > 0) {
    return { kind: "excluded", why: conf.exclusions.pair.join("; ") };
  }
  // Without headers the planner names one module of a kernel; all of them are missing.
  const isServed = conf?.kind === "valid" && conf.directives.autoinstall !== "no";
  const { headers } = findKernel(world, kernel.kernel);
  return isServed && headers === undefined ? { kind: "missing", id, cause: { kind: "no-headers" } } : undefined;
}

function objectNames(world: World, { id }: Module, kernel: KernelId): readonly string[] {
  const conf = world.confs.get(pairKey({ module: id, kernel }));
  if (conf?.kind === "valid") return wantedObjects(conf).map(({ destName }) => destName);
  const built = findPair(world, { module: id, kernel })?.objects ?? [];
  return built.map((file) => file.replace(/\.ko(\..*)?$/, ""));
}

/** A package may bring a module without DKMS, as zfs-linux of archzfs does. Objects of DKMS leave with their source. */
function addition({ kernel }: Scene, name: string): ModulePresence | undefined {
  const path = kernel.additions.get(objectKey(name));
  return path === undefined || kernel.objects.has(name) ? undefined : { kind: "added", path };
}

/** The kernel has every one of these modules itself. */
function kernelsOwn({ kernel }: Scene, objects: readonly string[]): ModulePresence | undefined {
  const names = objects.map(objectKey);
  if (names.length === 0) return undefined;
  const isBuiltIn = names.every((name) => kernel.builtIn.has(name));
  if (!isBuiltIn && !names.every((name) => kernel.builtIn.has(name) || kernel.indexed.has(name))) return undefined;
  return { kind: "kernels-own", builtIn: isBuiltIn };
}
