/** Which version of a package is the one to have for a kernel. */
import { compareDkmsVersions } from "../../model/conf/dkms-version.ts";
import { inScope } from "../../model/run/interest.ts";
import { moduleText, pairKey, type Pair } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Kernel, Module } from "../../model/machine/world.ts";
import { isUnowned } from "./left-out.ts";
import type { WorldIndex } from "./world-index.ts";

/**
 * The version of every package that `dkms autoinstall` installs for a kernel, of those whose source is there: the newest that fits it and asks for AUTOINSTALL.
 * Where none does, it is the newest of all, and what is wrong with that one is reported.
 */
export function autoinstallVersions(index: WorldIndex, kernel: Kernel): readonly Module[] {
  const fits = ({ id }: Module): boolean => {
    const pair: Pair = { module: id, kernel };
    const conf = index.conf(pair);
    // What is installed was chosen by somebody; a conf that is no good is to be reported.
    if (conf === undefined || index.pair(pair)?.state === "installed") return true;
    return conf.directives.autoinstall === "yes" && conf.exclusions.pair.length === 0;
  };
  return index.names.flatMap((name) => {
    const versions = index.versions(name).filter(({ sourcePresent }) => sourcePresent);
    const sorted = versions.toSorted((a, b) => compareDkmsVersions(b.id.version, a.id.version));
    return sorted.find(fits) ?? sorted[0] ?? [];
  });
}

/**
 * The version of a package that hooks want for a kernel, of those that the scope concerns; `anything` stands for all that are known well enough. One that is meant for the
 * kernel comes before one that BUILD_EXCLUSIVE leaves out, then one that the transaction has named, then the newest.
 */
export function leadingVersion(
  index: WorldIndex,
  kernel: Kernel,
  name: string,
  scope: Scope | "anything",
): Module | undefined {
  const candidates = index
    .versions(name)
    .filter((module) => hasBuildableSource(index, module) && isWantedHere(index, kernel, module))
    .filter((module) =>
      scope === "anything"
        ? index.world.confs.has(pairKey({ module: module.id, kernel }))
        : inScope(index.world, scope, module, kernel),
    );
  const merits = (module: Module): Merits => ({
    isMeant: (index.conf({ module: module.id, kernel })?.exclusions.pair ?? []).length === 0,
    isNamed: scope !== "anything" && scope.sourceDirectories.has(directoryName(module)),
    version: module.id.version,
  });
  return candidates.toSorted((a, b) => compareMerits(merits(b), merits(a)))[0];
}

/** The name of the directory that a module's source is, or was, in. */
export function directoryName({ source }: Module): string {
  return source.slice(source.lastIndexOf("/") + 1);
}

interface Merits {
  readonly isMeant: boolean;
  readonly isNamed: boolean;
  readonly version: string;
}

/** Above zero when `a` is the better one. */
function compareMerits(a: Merits, b: Merits): number {
  return (
    Number(a.isMeant) - Number(b.isMeant) ||
    Number(a.isNamed) - Number(b.isNamed) ||
    compareDkmsVersions(a.version, b.version)
  );
}

/** A tarball of binaries alone leaves a directory in the dkms tree, `M/V/source`, with a conf in it and nothing that could be built. */
function hasBuildableSource(index: WorldIndex, module: Module): boolean {
  return index.hasSource(module) && !module.source.endsWith(`/${moduleText(module.id)}/source`);
}

/**
 * Whether a kernel is one to have this module for: a package owns the kernel, or the transaction brings it, or a version of the module is installed there, or was when a run began that
 * has not come to its end; and the conf does not refuse to be installed by itself. Trees that other tools keep of removed kernels are not built for.
 */
function isWantedHere(index: WorldIndex, kernel: Kernel, module: Module): boolean {
  const pair: Pair = { module: module.id, kernel };
  if (index.conf(pair)?.directives.autoinstall === "no") return false;
  if (!isUnowned(index, kernel)) return true;
  if (index.active(module.id.name, kernel) !== undefined) return true;
  return index.versions(module.id.name).some(({ id }) => index.world.pending.has(pairKey({ module: id, kernel })));
}
