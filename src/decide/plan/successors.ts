/** Old and new versions of a package: which old one is kept until when, what gives way to a new one, and what goes once that is installed. */
import { wantedObjects, type Module } from "../../model/machine/world.ts";
import { moduleText, pairKey, sameKernel, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Draft } from "./draft.ts";
import { directoryName } from "./wanted-version.ts";
import type { WorldIndex } from "./world-index.ts";

/**
 * Results of other versions of the package for this kernel, whose source has vanished and which were kept only until this version is in place.
 * They need the installation to have succeeded.
 */
export function dropSuperseded(index: WorldIndex, draft: Draft, pair: Pair, installed: number): void {
  for (const module of index.versions(pair.module.name)) {
    const old: Pair = { module: module.id, kernel: pair.kernel };
    if (sameModule(module.id, pair.module) || index.hasSource(module) || index.pair(old) === undefined) continue;
    const reason = `its source was removed and ${moduleText(pair.module)} has taken its place`;
    draft.step({ kind: "unbuild", pair: old }, reason, [installed]);
  }
}

/** Takes out of the tree what this plan removes the last result of, if its source was removed as well. */
export function forgetEmptied(index: WorldIndex, draft: Draft): void {
  for (const module of index.world.modules) {
    if (module.pairs.length === 0 || index.hasSource(module) || draft.forgets(module.id)) continue;
    const removals = new Map(module.pairs.map(({ pair }) => [pairKey(pair), draft.removalOf(pair)]));
    const steps = [...removals.values()].filter((position) => position !== undefined);
    if (steps.length < removals.size) continue;
    draft.step({ kind: "deregister", module: module.id }, "its source was removed and no result of it is left", steps);
  }
}

/**
 * Registers what has come and an old version is kept for, whatever keeps it from being built: by its entry in the tree the remove hook learns that it is no
 * longer there either, and that nothing is waited for any more.
 */
export function registerAwaited(index: WorldIndex, draft: Draft, { sourceDirectories }: Scope): void {
  for (const module of index.world.modules) {
    if (module.registration !== "none" || !index.hasSource(module)) continue;
    if (!sourceDirectories.has(directoryName(module))) continue;
    const isAwaited = index
      .versions(module.id.name)
      .some((other) => other.pairs.length > 0 && !sameModule(other.id, module.id) && !index.hasSource(other));
    if (isAwaited) draft.add(module, { force: false, postAdd: "ignored", reason: "an older version is kept for it" });
  }
}

/**
 * The version that a pair waits for: another one of its package, whose source is there, while none but the pair's own is installed for its kernel.
 * Until that has happened the pair stays though its source is no longer there. Undefined when nothing is waited for. This is the one rule by which hooks keep
 * old versions, `prune` leaves them alone, and `status`, `doctor` and the report say why; `hasSource` tells a source from a directory without a dkms.conf.
 */
export function awaitedVersion(
  modules: readonly Module[],
  pair: Pair,
  hasSource: (module: Module) => boolean,
): ModuleId | undefined {
  if (modules.some((module) => sameModule(module.id, pair.module) && hasSource(module))) return undefined;
  if (supersedingVersion(modules, pair) !== undefined) return undefined;
  const rivals = modules.filter(({ id }) => id.name === pair.module.name && !sameModule(id, pair.module));
  return rivals.find(hasSource)?.id;
}

/** The other version of a pair's package that is installed for its kernel; undefined when none is. */
export function supersedingVersion(modules: readonly Module[], pair: Pair): ModuleId | undefined {
  return modules.find(
    ({ id, pairs }) =>
      id.name === pair.module.name &&
      !sameModule(id, pair.module) &&
      pairs.some((other) => other.state === "installed" && sameKernel(other.pair.kernel, pair.kernel)),
  )?.id;
}

/**
 * The other version of the package that is installed, and modules of other packages that are installed though their source was removed and have an object of
 * the same name: a package that takes the place of another one brings it under a new name.
 */
export function replacedBy(index: WorldIndex, pair: Pair): readonly ModuleId[] {
  const active = index.active(pair.module.name, pair.kernel)?.pair.module;
  const otherVersion = active === undefined || sameModule(active, pair.module) ? [] : [active];
  const conf = index.conf(pair);
  const predecessors = (conf === undefined ? [] : wantedObjects(conf))
    .flatMap(({ destName }) => index.orphans(destName, pair.kernel))
    .filter(({ name }) => name !== pair.module.name);
  return [...otherVersion, ...new Set(predecessors)];
}
