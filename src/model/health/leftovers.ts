/** What lies about on the machine that no pair accounts for: read by `observe/`, judged by `decide/prune`, cleared away by `act/prune`. */
import type { CachedResult } from "./cached-results.ts";
import type { KernelId, ModuleId, Pair } from "../pair.ts";
import type { Plan } from "../run/plan.ts";

/** A kernel object in the directory of a kernel that is ours alone, `<kernel>/updates/dkms`, and that no installed pair has put there. */
export interface FoundObject {
  readonly release: string;
  readonly path: string;
  /** Without `.ko` and the suffix of a compressor. */
  readonly name: string;
  /** Whether a package of pacman's owns the file. */
  readonly owner: "package" | "none" | "unknown";
  /** Whether it says of itself that it is made for this kernel. */
  readonly loadable: boolean;
}

/** A file that speaks of one pair: its stamp, the log of its last build, the link that makes it the active one. */
export interface PairRecord {
  readonly path: string;
  readonly pair: Pair;
}

/** Everything that was found. */
export interface Leftovers {
  /** Every path by which the place is known where packages put module sources: a source elsewhere is a person's own. */
  readonly sourceTrees: readonly string[];
  readonly objects: readonly FoundObject[];
  /** Files that a killed run has left beside objects. */
  readonly staged: readonly { readonly release: string; readonly path: string }[];
  /** Private build directories and staged results of killed runs; empty while another run is at work, since they may be its own. */
  readonly builds: readonly string[];
  readonly stamps: readonly PairRecord[];
  readonly logs: readonly PairRecord[];
  /** Active links that lead to no result. */
  readonly links: readonly PairRecord[];
  readonly kept: readonly { readonly path: string; readonly module: ModuleId }[];
  /** Directories with a kernel's own modules, which were there before ours. */
  readonly originals: readonly { readonly path: string; readonly name: string; readonly kernel: KernelId }[];
  /** Entries of the dkms tree that have neither source nor result. */
  readonly entries: readonly ModuleId[];
  /** Modules (`zfs/2.2.2`) in whose entry a person keeps tarballs. */
  readonly archived: ReadonlySet<string>;
  /** Directories of packages in the dkms tree that are empty. */
  readonly emptyDirectories: readonly string[];
  /** Kernels without modules of their own in whose directory an index or empty directories remain. */
  readonly untidy: readonly KernelId[];
  /** Pairs that interrupted runs had begun to remove. */
  readonly begun: readonly Pair[];
  /** Kernels whose module index an interrupted run has left behind its modules. */
  readonly unindexed: readonly KernelId[];
  readonly results: readonly CachedResult[];
  /** Bytes that results may take together. */
  readonly cacheLimit: number;
  /** Results that a killed run was keeping; empty while another run is at work. */
  readonly unfinishedResults: readonly string[];
  /** Directories of tests before a transaction that were killed. */
  readonly workDirectories: readonly string[];
}

/** One thing to clear away that is no step of a pair, and why. */
export type Deletion =
  | { readonly kind: "object"; readonly release: string; readonly path: string; readonly reason: string }
  | {
      readonly kind: "build" | "stamp" | "log" | "link" | "kept" | "originals" | "directory" | "cached";
      readonly path: string;
      readonly reason: string;
    }
  /** A line of the journal; `key` is a pair's. */
  | { readonly kind: "journal"; readonly key: string; readonly reason: string };

/** Something that looks like a leftover and stays. */
export interface LeftAlone {
  readonly subject: string;
  readonly why: string;
  /** What a person can do about it. */
  readonly fix: string;
}

/** What `dkms prune` does. */
export interface Pruning {
  readonly plan: Plan;
  readonly deletions: readonly Deletion[];
  readonly leftAlone: readonly LeftAlone[];
}
