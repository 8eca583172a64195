/** What is known of the next boot, kernel by kernel, before anything is judged: modules on disk, and what the boot loader will start. */
import type { KernelId, ModuleId } from "../pair.ts";

/** All that is judged. */
export interface BootFacts {
  /** Installed kernels that a package owns, and others that DKMS builds for here. */
  readonly kernels: readonly KernelFacts[];
  /** Modules that this machine needs to boot, known to DKMS or not. */
  readonly required: readonly RequiredModule[];
}

/** A module without which this machine does not boot. */
export interface RequiredModule {
  readonly name: string;
  /** How that is known, in words: `the root file system is of its type`. */
  readonly because: string;
  /** The packages of the kernels whose images need it; undefined for all kernels. */
  readonly kernels?: ReadonlySet<string>;
}

/** One installed kernel. */
export interface KernelFacts {
  readonly kernel: KernelId;
  /** The package that owns it: `linux`. */
  readonly pkgbase: string | undefined;
  /** Every module that is wanted or installed for it, and the required ones. */
  readonly modules: readonly ModuleFacts[];
  readonly start: StartFacts;
}

/** One module for one kernel. */
export interface ModuleFacts {
  readonly name: string;
  readonly presence: ModulePresence;
}

/** Where a module is, or why it is not there. */
export type ModulePresence =
  | { readonly kind: "installed"; readonly id: ModuleId; readonly objects: readonly ObjectFacts[] }
  /** A package brings it prebuilt. */
  | {
      readonly kind: "prebuilt";
      readonly id: ModuleId;
      readonly package: string;
      readonly objects: readonly ObjectFacts[];
    }
  /** The kernel itself has a module of that name, and it is the one that will be loaded. */
  | { readonly kind: "kernels-own"; readonly builtIn: boolean }
  /** Something other than DKMS has put it there, and depmod's index finds it: `extra/zfs.ko.zst`. */
  | { readonly kind: "added"; readonly path: string }
  /** BUILD_EXCLUSIVE leaves it out of this kernel. */
  | { readonly kind: "excluded"; readonly why: string }
  | { readonly kind: "missing"; readonly id: ModuleId | undefined; readonly cause: MissingCause };

/** Why a module is missing. */
export type MissingCause =
  | { readonly kind: "no-headers" }
  /** Its source is there, and it is not installed: a build failed, or no run has got to it. */
  | { readonly kind: "not-installed" }
  /** Its source is there, and no hook installs it: `AUTOINSTALL="no"` in its dkms.conf. */
  | { readonly kind: "by-hand" }
  /** It cannot be built: its dkms.conf or a dependency is in the way. */
  | { readonly kind: "obstacle"; readonly why: string }
  /** No source of it is on this machine: its package was removed, or lost its dkms.conf. */
  | { readonly kind: "no-source" };

/** One installed object. Undefined stands for what was not found out, by a test build for one. */
export interface ObjectFacts {
  /** Without `.ko`. */
  readonly name: string;
  readonly path: string;
  /** `placed`: the bytes that were built. `altered`: other ones. `absent`: no such file. */
  readonly bytes: "placed" | "altered" | "absent" | "unknown";
  readonly vermagic: string | undefined;
  /** The machine of its ELF header in the words of `uname -m`: `x86_64`. */
  readonly machine: string | undefined;
  /** Whether depmod's index finds it at this path. */
  readonly indexed: boolean | undefined;
  /** Whether it has a signature. */
  readonly signed: boolean | undefined;
  /** Why this machine refuses modules without a signature, in words; undefined when it does not. */
  readonly signatureDemand: string | undefined;
  /** When it was put in place, in milliseconds since 1970. */
  readonly placedAt: number | undefined;
}

/** What the boot loader will start for a kernel. */
export type StartFacts =
  /** Nobody has looked, or it is not known how this machine boots. */
  | { readonly kind: "unknown"; readonly why: string }
  /** The first entry is the one that boots unless somebody chooses another. */
  | { readonly kind: "known"; readonly entries: readonly [BootEntry, ...BootEntry[]] };

/** One thing that a boot loader can start. */
export interface BootEntry {
  /** What names it: `/etc/mkinitcpio.d/linux.preset`, `dracut's names`. */
  readonly from: string;
  readonly kernel: KernelFile;
  /** The initramfs image; undefined when the entry has none. For a Unified Kernel Image it has the path of the kernel. */
  readonly image: ImageFile | undefined;
  /** A mount point of /etc/fstab that the files lie below and where nothing is mounted: `/boot`. */
  readonly unmounted: string | undefined;
}

/** A kernel as a boot loader reads it. */
interface KernelFile {
  /** Undefined when only the image is known by name. */
  readonly path: string | undefined;
  readonly state: KernelFileState;
}

/** What a kernel file says of itself. */
export type KernelFileState =
  | { readonly kind: "release"; readonly release: string }
  | { readonly kind: "absent" }
  /** It is cut off, empty, or no kernel. */
  | { readonly kind: "damaged"; readonly why: string }
  | { readonly kind: "unknown"; readonly why: string };

/** An initramfs image. */
export interface ImageFile {
  readonly path: string;
  readonly state: ImageState;
}

/** What an image holds. */
export type ImageState =
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly why: string }
  /** It is there, and nobody has read it. */
  | { readonly kind: "unread"; readonly why: string }
  | {
      readonly kind: "listed";
      /** When it was written, in milliseconds since 1970. */
      readonly writtenAt: number;
      /** Names of the kernel objects in it, without `.ko`, with `_` for `-`. */
      readonly objects: ReadonlySet<string>;
      /** Releases below lib/modules in it. */
      readonly releases: ReadonlySet<string>;
      /** Those of the objects that are newer than the image and have, in the image, the bytes that they have on disk. */
      readonly same: ReadonlySet<string>;
      /** Those of the objects that are newer than the image and could not be compared with it. */
      readonly uncompared: ReadonlySet<string>;
    };

/** What was read of one kernel, before it is known which modules it should have. */
export interface ObservedKernel {
  readonly kernel: KernelId;
  readonly pkgbase: string | undefined;
  /** Objects of installed pairs and of prebuilt modules, by the module's name. */
  readonly objects: ReadonlyMap<string, readonly ObjectFacts[]>;
  /** Names of the kernel's own modules in depmod's index, with `_` for `-`. */
  readonly indexed: ReadonlySet<string>;
  /** Other modules in depmod's index that are there, in extra/, updates/ and the like: their paths below the kernel's directory, by name. */
  readonly additions: ReadonlyMap<string, string>;
  /** Names of the modules that are built into the kernel. */
  readonly builtIn: ReadonlySet<string>;
  readonly start: StartFacts;
}
