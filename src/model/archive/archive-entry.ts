/** What an archive holds, as its listing tells it, and how much an archive may hold. */

/** What an entry is; `special` is everything that no source of a module has: devices, pipes, sockets, volume labels. */
export type EntryKind = "file" | "directory" | "link" | "hard-link" | "special";

/** One entry of an archive. */
export interface ArchiveEntry {
  readonly kind: EntryKind;
  /** As it is written in the archive. */
  readonly path: string;
  /** Where a link points, as written; empty for everything else. */
  readonly target: string;
  /** Size in bytes once it is extracted, holes included. */
  readonly size: number;
}

/** How much an archive may hold before it is taken for one that is made to fill a disk. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Of all entries together, extracted. */
  readonly bytes: number;
  /** Extracted bytes for each byte of the archive, once there are more than `ratioFrom` of them. */
  readonly ratio: number;
  readonly ratioFrom: number;
  /** Characters of a path. */
  readonly pathLength: number;
}

/** No source of a kernel module comes near: the whole kernel has 90,000 files, 1.5 GiB, and is packed to a tenth. */
export const defaultLimits: ArchiveLimits = {
  entries: 200_000,
  bytes: 4 * 1024 ** 3,
  ratio: 500,
  ratioFrom: 64 * 1024 ** 2,
  pathLength: 1024,
};
