/** How packages of ready-made modules are called: one for every module and kernel package, in versions that rise with both. */
import type { ModuleId } from "../pair.ts";

/**
 * `zfs-dkms-modules-linux` for the kernels of the package `linux`, or with a release for a kernel that no package owns. What pacman does not take in names
 * (alpm-package-name(7)) becomes an underscore.
 */
export function modulePackageName(module: ModuleId, kernels: string): string {
  return `${module.name}-dkms-modules-${kernels}`.replace(/[^A-Za-z0-9@._+-]/g, "_").replace(/^[.-]/, "_");
}

/**
 * `2.2.2.k6.6.1.arch1.1` for zfs/2.2.2 and 6.6.1-arch1-1. A letter stands between the two, as every number is newer to pacman than a letter: so 2.2.2.1 is newer
 * than 2.2.2, whichever the kernels. Dashes, and what else alpm-pkgver(7) does not take, become underscores and dots.
 */
export function modulePackageVersion({ version }: ModuleId, release: string): string {
  // Before a word such as rc no separator may stand, or pacman takes it for newer than the release.
  const ofModule = version.replace(/[-_.](?=(alpha|beta|dev|pre|rc)\d*)/gi, "").replace(/[^A-Za-z0-9._+~]/g, "_");
  const ofKernel = release.replace(/[^A-Za-z0-9._+]/g, ".");
  return `${ofModule}.k${ofKernel}`;
}
