/** What is judged of the next boot. */
import type { KernelId } from "../pair.ts";
import type { MissingCause } from "./facts.ts";

/** The judgement of the machine. */
export interface BootJudgement {
  readonly kernels: readonly KernelJudgement[];
  /** Why no kernel of this machine can boot it; undefined while one can, or while that is not known. */
  readonly nothingLeft: NothingLeft | undefined;
}

/** Why nothing is left to boot. */
export type NothingLeft =
  | { readonly kind: "no-kernel" }
  /** Kernels are there, and none has all that is required. */
  | { readonly kind: "no-ready-kernel"; readonly modules: readonly string[] };

/** The judgement of one kernel. */
export interface KernelJudgement {
  readonly kernel: KernelId;
  readonly pkgbase: string | undefined;
  readonly verdict: Verdict;
  /** What was looked at and found right. */
  readonly found: BootFindings;
  /** What was not looked at, in words; each is a sentence without its full stop. */
  readonly unchecked: readonly string[];
  /** Faults of entries that do not boot by themselves (a fallback image), and of what is not needed. */
  readonly remarks: readonly BootFault[];
}

/** Whether a kernel will boot with its modules. */
export type Verdict =
  | { readonly kind: "ready" }
  | { readonly kind: "not-ready"; readonly faults: readonly [BootFault, ...BootFault[]] }
  /** Nothing wrong was found, and something that matters could not be looked at. */
  | { readonly kind: "not-checked"; readonly why: string };

/** Facts for a report. */
export interface BootFindings {
  /** Modules that are installed and right, `zfs 2.2.2`. */
  readonly modules: readonly string[];
  /** Modules that the kernel itself has, which will be used. */
  readonly kernelsOwn: readonly string[];
  /** Required modules that something other than DKMS has put there; only where there are any. */
  readonly added?: readonly { readonly module: string; readonly path: string }[];
  /** Modules that BUILD_EXCLUSIVE leaves out, each with the reason. */
  readonly excluded: readonly { readonly module: string; readonly why: string }[];
  /** Kernel files of this very release. */
  readonly kernelFiles: readonly string[];
  /** Images that were listed, with the required modules in them. */
  readonly images: readonly { readonly path: string; readonly contains: readonly string[] }[];
}

/** One thing that is wrong. `required`: how it is known that the machine needs the module to boot. */
export type BootFault =
  | {
      readonly kind: "module-missing";
      readonly module: string;
      readonly cause: MissingCause;
      readonly required: string | undefined;
    }
  | { readonly kind: "module-excluded"; readonly module: string; readonly why: string; readonly required: string }
  | {
      readonly kind: "object-bad";
      readonly module: string;
      readonly path: string;
      readonly defect: ObjectDefect;
      readonly required: string | undefined;
    }
  /** The kernel that would start is of another release. */
  | { readonly kind: "kernel-other-release"; readonly path: string; readonly release: string }
  | { readonly kind: "kernel-absent"; readonly path: string }
  | { readonly kind: "kernel-damaged"; readonly path: string; readonly why: string }
  | { readonly kind: "image-absent"; readonly path: string }
  | { readonly kind: "image-damaged"; readonly path: string; readonly why: string }
  /** The image has modules of these releases only. */
  | { readonly kind: "image-other-release"; readonly path: string; readonly releases: readonly string[] }
  | { readonly kind: "image-lacks"; readonly path: string; readonly module: string; readonly required: string }
  | { readonly kind: "image-older"; readonly path: string; readonly module: string; readonly required: string }
  /** The entry has no image, so nothing can be in it. */
  | { readonly kind: "no-image"; readonly from: string; readonly module: string; readonly required: string }
  /** The file was written below a mount point of /etc/fstab where nothing is mounted. */
  | { readonly kind: "written-below-mount"; readonly path: string; readonly mountPoint: string };

/** What is wrong with an installed object. */
export type ObjectDefect =
  | { readonly kind: "absent" }
  | { readonly kind: "altered" }
  | { readonly kind: "vermagic"; readonly vermagic: string }
  | { readonly kind: "machine"; readonly machine: string }
  | { readonly kind: "not-indexed" }
  | { readonly kind: "unsigned"; readonly demand: string };
