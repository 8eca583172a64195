/** Modules, kernels as build targets, and pairs: the unit of all work. */
import type { Arch, ModuleName, ModuleVersion, Release } from "./names.ts";

/** One version of one DKMS package. */
export interface ModuleId {
  readonly name: ModuleName;
  readonly version: ModuleVersion;
}

/** A kernel to build for: its release and architecture. */
export interface KernelId {
  readonly release: Release;
  readonly arch: Arch;
}

/** A module for a kernel. */
export interface Pair {
  readonly module: ModuleId;
  readonly kernel: KernelId;
}

/** `zfs/2.2.2`: how a module is written in commands, messages and `dkms status`. */
export function moduleText(module: ModuleId): string {
  return `${module.name}/${module.version}`;
}

/** `6.6.1-arch1-1/x86_64`: how a kernel is written in commands and keys. */
export function kernelText(kernel: KernelId): string {
  return `${kernel.release}/${kernel.arch}`;
}

/** `6.6.1-arch1-1 (x86_64)`: how a kernel is written in messages. */
export function kernelWords(kernel: KernelId): string {
  return `${kernel.release} (${kernel.arch})`;
}

/** `zfs/2.2.2/6.6.1-arch1-1/x86_64`: the key of a pair in maps and journals; no part contains a slash. */
export function pairKey(pair: Pair): string {
  return `${moduleText(pair.module)}/${kernelText(pair.kernel)}`;
}

/** `zfs/2.2.2 for 6.6.1-arch1-1 (x86_64)`: how a pair is written in messages. */
export function pairWords(pair: Pair): string {
  return `${moduleText(pair.module)} for ${kernelWords(pair.kernel)}`;
}

/** Whether two modules are the same version of the same package. */
export function sameModule(a: ModuleId, b: ModuleId): boolean {
  return a.name === b.name && a.version === b.version;
}

/** Whether two kernels are the same target. */
export function sameKernel(a: KernelId, b: KernelId): boolean {
  return a.release === b.release && a.arch === b.arch;
}
