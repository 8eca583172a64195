/** What the guard works with: what a transaction brings, what a test build says of a pair, and what the machine needs. */
import type { DkmsError, ErrorCode, ErrorFacts } from "../errors.ts";
import type { KernelFacts } from "../boot/facts.ts";
import type { KernelId, Pair } from "../pair.ts";

/** A package archive of the transaction, confirmed by its content. */
export interface IncomingPackage {
  readonly name: string;
  readonly version: string;
  readonly archive: string;
  /** Bytes that it takes once it is extracted, at least. */
  readonly size: number;
  /** Releases whose headers it holds. */
  readonly headers: readonly string[];
  /** Releases whose kernel it holds. */
  readonly kernels: readonly string[];
  /** Directories below the source tree that it holds with a dkms.conf. */
  readonly sourceDirectories: readonly string[];
  /** Releases for which it supplies modules ready-made. */
  readonly supplies: readonly string[];
  /** Whether builds run its programs, or what these are linked against. */
  readonly isToolchain: boolean;
  /** Directories below the source tree that the installed version has and this one has not. */
  readonly leavingDirectories: readonly string[];
  /** Releases whose headers the installed version has and this one has not. */
  readonly leavingHeaders: readonly string[];
}

/** What a transaction brings that concerns modules. */
export interface Incoming {
  readonly packages: readonly IncomingPackage[];
  /** Paths that pacman announces and that no archive was found for. */
  readonly missing: readonly string[];
  /** The package of each arriving kernel, by release, as far as it is known. */
  readonly kernelPackages: ReadonlyMap<string, string>;
  /** Releases of kernels that arrive. */
  readonly kernels: ReadonlySet<string>;
  /** Releases whose headers arrive. */
  readonly headers: ReadonlySet<string>;
  readonly sourceDirectories: ReadonlySet<string>;
  /** Packages of the transaction that builds run, and whose archives were not found: a test runs the programs of now. */
  readonly toolchain: readonly string[];
}

/** An error as it is passed from one process to another. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

/** What a test says of a pair. */
export type Verdict =
  | { readonly kind: "builds" }
  | { readonly kind: "fails"; readonly error: ErrorReport }
  /** BUILD_EXCLUSIVE leaves the pair out. */
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "unknown"; readonly why: string; readonly error?: ErrorReport };

/** A pair with its verdict. */
export interface PairVerdict {
  readonly pair: Pair;
  readonly verdict: Verdict;
}

/** A module of the machine, or of the transaction. */
export interface KnownModule {
  readonly name: string;
  /** The directory of its source, without the path to it. */
  readonly directory: string;
}

/** The machine as it is, and as it will be, in the facts that the next boot is judged by. What its boot loader starts is not looked at: images are written later. */
export interface GuardMachine {
  readonly before: readonly KernelFacts[];
  /** Before anything is known of test builds. */
  readonly after: readonly KernelFacts[];
  readonly modules: readonly KnownModule[];
  /** Releases of incoming kernels. */
  readonly arriving: ReadonlySet<string>;
  /** Incoming kernels whose headers neither arrive nor are there. */
  readonly withoutHeaders: ReadonlySet<string>;
  /** Kernels that stay, and for which nothing can be built afterwards. */
  readonly stuck: readonly StuckKernel[];
}

/** A kernel that stays and has no headers after the transaction. */
export interface StuckKernel {
  readonly kernel: KernelId;
  /** Releases of headers that will be there without their kernel. */
  readonly others: readonly string[];
  /** Whether it has headers now. */
  readonly losesHeaders: boolean;
  /** Incoming modules that are meant for it. */
  readonly notBuilt: readonly Pair[];
}

/** What a test has found out, as far as it got. */
export interface Tested {
  /** Undefined when the machine with the incoming files could not be read. */
  readonly machine: GuardMachine | undefined;
  readonly verdicts: readonly PairVerdict[];
  /** Why it did not get to its end. */
  readonly obstacle: string | undefined;
}

/** What tells which modules a machine needs. */
export interface BootNeeds {
  /** Names in the settings file. */
  readonly named: readonly string[];
  /** Packages that hooks of the initramfs name, with the hook's file name. */
  readonly hooked: ReadonlyMap<string, string>;
  /** The kernels' packages that these hooks are for, by package. */
  readonly hookedKernels?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Source directories that these packages, and those among the names, own, by package. */
  readonly owned: ReadonlyMap<string, readonly string[]>;
  /** Type of the root file system. */
  readonly rootType: string | undefined;
}

/** One thing that is not as it should be. */
export interface GuardFinding {
  readonly kind: "fails" | "unknown" | "skipped" | "no-headers" | "untested" | "removed";
  /** `zfs/2.2.2 for 6.6.1-arch1-1 (x86_64)`, `Kernel 6.6.1-arch1-1`; empty for what concerns all. */
  readonly subject: string;
  readonly why: string;
  readonly error?: ErrorReport;
  /** Why the machine needs the module; undefined when nothing says so. */
  readonly required?: string;
  readonly effect: "refuses" | "warns";
  /** Packages without which the transaction would not have this. */
  readonly packages: readonly string[];
}

/** The judgement. */
export interface GuardJudgement {
  readonly decision: "go-on" | "refuse";
  readonly findings: readonly GuardFinding[];
}

/** The error without its stack. */
export function errorReportOf({ code, message, facts }: DkmsError): ErrorReport {
  return { code, message, facts };
}
