/** The world: one snapshot of kernels, modules and tree, read once by `observe/` and decided on by `decide/`. */
import type { Directives } from "../conf/directives.ts";
import type { Exclusions } from "../conf/exclusive.ts";
import type { Damage } from "./damage.ts";
import type { PlacedObject } from "./placed-object.ts";
import type { KernelBuildFacts } from "../kernel/kernel-build-facts.ts";
import type { KernelId, ModuleId, Pair } from "../pair.ts";
import { kernelText } from "../pair.ts";
import type { Supply } from "../packaging/supply.ts";

/** One `/usr/lib/modules/<release>`. */
export interface Kernel extends KernelId {
  /** The package that it comes from, by its `pkgbase` file or by pacman's database: `linux`; undefined for a kernel that no package owns. */
  readonly pkgbase: string | undefined;
  /** Whether the transaction at hand brings it: such a kernel belongs to a package, whoever that is. */
  readonly isBrought?: boolean;
  /** `present`: the directory holds a kernel's modules (`kernel/` or `modules.order`); `leftover`: only what we or others left there; `absent`: no directory. */
  readonly modules: "present" | "leftover" | "absent";
  /** The directory that modules are built against, when it holds headers; undefined when they are not installed. */
  readonly headers: string | undefined;
}

/** Whether the dkms tree knows a module: `broken` means that its source link leads nowhere. */
export type Registration = "none" | "added" | "broken";

/** Whether a built pair still matches its inputs; `unknown` when nothing remembers what it was built from. */
export type Freshness = "current" | "changed" | "unknown";

/** What the tree holds for a pair. */
export interface PairState {
  readonly pair: Pair;
  readonly state: "built" | "installed";
  /** File names of the built kernel objects, compression suffix included. */
  readonly objects: readonly string[];
  readonly freshness: Freshness;
  /** Versions of the modules that it was built with, by name, where BUILD_DEPENDS_REBUILD has it remembered. */
  readonly builtWith: ReadonlyMap<string, string>;
  /** What is wrong with its files, where it is installed and that has been looked at. */
  readonly damage?: Damage | undefined;
  /** Where it is installed and its stamp has been read: what that tells of its installed objects. */
  readonly placed?: readonly PlacedObject[] | undefined;
  /** Likewise: names of its objects that are not installed, since the kernel's own modules, newer or the same, are used. */
  readonly refused?: readonly string[] | undefined;
  /** Where it is built and not installed: the kernel's own module, newer or the same, that is used instead. */
  readonly yieldsTo?: string | undefined;
}

/** A module that is registered, or whose source is there to be added. */
export interface Module {
  readonly id: ModuleId;
  readonly registration: Registration;
  /** Where its source is: where its link points, else the directory that the source was found in. */
  readonly source: string;
  readonly sourcePresent: boolean;
  /** Where the source has to be copied before the module can be registered; undefined when it lies where it belongs. */
  readonly importTo: string | undefined;
  readonly pairs: readonly PairState[];
  /** Kernels for which the tree has a directory that holds no result: none of ours, which appear whole. */
  readonly emptyResults: readonly KernelId[];
}

/** What evaluating a dkms.conf for one kernel gave. */
export type Conf =
  | {
      readonly kind: "valid";
      readonly path: string;
      readonly directives: Directives;
      /** Why the module, or some of its objects, are not to be built for this kernel. */
      readonly exclusions: Exclusions;
      readonly warnings: readonly string[];
      /** Deprecated directives in it, told when something is added, built or installed. */
      readonly deprecated: readonly string[];
      /** What the conf wrote to stderr while it was evaluated. */
      readonly stderr: string;
    }
  | { readonly kind: "invalid"; readonly path: string; readonly errors: readonly string[] }
  | { readonly kind: "missing"; readonly path: string };

/** The objects that a conf wants for its kernel: those that a BUILD_EXCLUSIVE of their own leaves out are not. */
export function wantedObjects({ directives, exclusions }: Extract<Conf, { kind: "valid" }>): Directives["objects"] {
  return directives.objects.filter((_, index) => exclusions.objects[index]?.length === 0);
}

/** A directory below the source tree whose dkms.conf does not name its module. */
export interface UnidentifiedSource {
  readonly directory: string;
  readonly conf: string;
  readonly errors: readonly string[];
}

/** One snapshot of the machine. */
export interface World {
  readonly running: KernelId;
  readonly kernels: readonly Kernel[];
  readonly modules: readonly Module[];
  readonly unidentified: readonly UnidentifiedSource[];
  /** Evaluated confs by `pairKey`, for the pairs that the request may concern. */
  readonly confs: ReadonlyMap<string, Conf>;
  /** What the files of these confs were just before, by `pairKey`, as `ConfFiles` tells it; left out for a source that is copied before it is built. */
  readonly confFiles?: ReadonlyMap<string, string>;
  /** How each kernel was built, by `kernelText`, for the kernels of those pairs that have headers. */
  readonly facts: ReadonlyMap<string, KernelBuildFacts>;
  /** Whether hooks build for kernels that no package owns as well. */
  readonly kernelChoice: "packaged" | "all";
  /** Releases of the kernels that hooks leave out and have named already; undefined where nobody is to be told. */
  readonly leftOut?: ReadonlySet<string>;
  /** What packages bring to these kernels ready-made, by `supplyKey`. */
  readonly supplies: ReadonlyMap<string, Supply>;
  /** Keys of pairs that an earlier run began and did not finish. */
  readonly pending: ReadonlySet<string>;
}

const kernelIndexes = new WeakMap<readonly Kernel[], ReadonlyMap<string, Kernel>>();

/** The kernel in the world, or one of which nothing is there. */
export function findKernel({ kernels }: Pick<World, "kernels">, id: KernelId): Kernel {
  // A thousand kernels are asked for by ten thousand pairs.
  const index = kernelIndexes.get(kernels) ?? new Map(kernels.map((kernel) => [kernelText(kernel), kernel]));
  kernelIndexes.set(kernels, index);
  return index.get(kernelText(id)) ?? { ...id, pkgbase: undefined, modules: "absent", headers: undefined };
}

/** Releases whose headers are there without a kernel: one was installed or removed without the other. */
export function otherHeaders({ kernels }: Pick<World, "kernels">): readonly string[] {
  return kernels
    .filter(({ headers, modules }) => headers !== undefined && modules !== "present")
    .map(({ release }) => release);
}
