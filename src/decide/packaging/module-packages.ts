/** Which packages the results of a module become. */
import { vercmp } from "../../alpm/vercmp.ts";
import { modulePackageName, modulePackageVersion } from "../../model/packaging/supply-package.ts";
import type { ModuleId, Pair } from "../../model/pair.ts";
import type { Kernel } from "../../model/machine/world.ts";

/** A package to be made. */
export interface ModulePackage {
  readonly name: string;
  /** Its pkgver; the pkgrel depends on what has been made before. */
  readonly version: string;
  readonly arch: string;
  readonly module: ModuleId;
  /** What goes into it, the newest release last. */
  readonly pairs: readonly Pair[];
}

/**
 * One package for all kernels of one kernel package, so that an upgrade of the system replaces it by the one for the new kernel; each of the others has its own.
 * Architectures are never mixed.
 */
export function modulePackages(module: ModuleId, kernels: readonly Kernel[]): readonly ModulePackage[] {
  const groups = new Map<string, Kernel[]>();
  for (const kernel of kernels) {
    const key = JSON.stringify([kernel.pkgbase ?? kernel.release, kernel.arch]);
    groups.set(key, [...(groups.get(key) ?? []), kernel]);
  }
  return [...groups.values()].flatMap((group): ModulePackage[] => {
    const sorted = group.toSorted((a, b) => vercmp(releaseVersion(a), releaseVersion(b)));
    const newest = sorted.at(-1);
    if (newest === undefined) return [];
    return [
      {
        name: modulePackageName(module, newest.pkgbase ?? newest.release),
        version: modulePackageVersion(module, newest.release),
        arch: newest.arch,
        module,
        pairs: sorted.map(({ release, arch }) => ({ module, kernel: { release, arch } })),
      },
    ];
  });
}

function releaseVersion({ release }: Kernel): string {
  return release.replaceAll("-", ".");
}
