/** What is asked for: hooks and command line differ only in how they make one of these. */
import type { KernelId, ModuleId } from "../pair.ts";

/** Kernels that a command line names: some, or every one that the command makes sense for (`--all`). */
export type KernelChoice = { readonly kind: "these"; readonly kernels: readonly KernelId[] } | { readonly kind: "all" };

/** A thing to do, before it is known what that takes. */
export type Request =
  | { readonly kind: "add"; readonly module: ModuleId; readonly directory: string | undefined; readonly force: boolean }
  | {
      readonly kind: "build" | "install";
      readonly module: ModuleId;
      /** The directory that was named instead of the module: when it lies elsewhere, the source is copied from there first. */
      readonly directory: string | undefined;
      readonly kernels: KernelChoice;
      readonly force: boolean;
      /** An earlier run has done a part of it: what counts as installed may still lack its last touch, the kernel's own module put away. */
      readonly progress?: "begun";
    }
  | {
      readonly kind: "uninstall" | "unbuild" | "remove";
      readonly module: ModuleId;
      readonly kernels: KernelChoice;
      /** An earlier run has done a part of it: what does not count as installed any more may still not be uninstalled. */
      readonly progress?: "begun";
    }
  | { readonly kind: "autoinstall"; readonly kernel: KernelId }
  /** Everything that is built for a kernel goes; with `autoinstall` only what AUTOINSTALL has brought there. */
  | { readonly kind: "clear-kernel"; readonly kernel: KernelId; readonly modules: "all" | "autoinstall" }
  /** What is installed for the template kernel is to be installed for the other one as well. */
  | {
      readonly kind: "match";
      readonly template: KernelId;
      readonly kernel: KernelId;
      readonly name: string | undefined;
      readonly force: boolean;
    }
  /** The index of these kernels is to be made anew: a run that removed objects from them did not come to its end. */
  | { readonly kind: "refresh-index"; readonly indexed: readonly KernelId[] }
  | { readonly kind: "transaction-install"; readonly scope: Scope }
  | { readonly kind: "transaction-remove"; readonly scope: Scope };

/** The kernels and modules that pacman's targets say have changed. */
export interface Scope {
  readonly releases: ReadonlySet<string>;
  /** Names of directories below the source tree. */
  readonly sourceDirectories: ReadonlySet<string>;
}
