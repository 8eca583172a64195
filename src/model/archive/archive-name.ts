/** How tarballs of modules are called, after dkms(8) and what the reference does. */
import type { KernelId, ModuleId } from "../pair.ts";

/** What goes into a tarball. */
export type TarballKind = "source+binaries" | "source-only" | "binaries-only";

/** A list of kernels that is longer than this, in characters, makes way for a word. */
const longestList = 200;

/** `M-V-kernelK-A[-kernelK2-A2].dkms.tar.gz`, `M-V-source-only.dkms.tar.gz`, or `M-V-manykernels.dkms.tar.gz`. */
export function defaultTarballName(module: ModuleId, kernels: readonly KernelId[], kind: TarballKind): string {
  const list = kernels.map(({ release, arch }) => `-kernel${release}-${arch}`).join("");
  const what = kind === "source-only" ? "-source-only" : list.length > longestList ? "-manykernels" : list;
  return `${module.name}-${module.version}${what}.dkms.tar.gz`;
}
