/** Kernel objects as files: `NAME.ko`, plain or with the suffix of a compressor. */

/** What a compressor adds to the name of a kernel object; empty for a plain one. */
export type Suffix = "" | ".gz" | ".xz" | ".zst";

/** Every suffix, in the order in which an object is looked for: the plain one first. */
const suffixes: readonly Suffix[] = ["", ".zst", ".xz", ".gz"];

/** A kernel object as its module's conf wants it; without a conf (its source was removed) only the name is known. */
export interface WantedObject {
  /** DEST_MODULE_NAME, without `.ko`. */
  readonly destName: string;
  /** DEST_MODULE_LOCATION. */
  readonly destLocation?: string;
}

/** A file name taken apart. */
export interface ObjectFileName {
  readonly name: string;
  readonly suffix: Suffix;
}

/** Takes `zfs.ko.zst` apart into `zfs` and `.zst`; undefined for what is no kernel object. */
export function parseObjectFileName(fileName: string): ObjectFileName | undefined {
  const end = fileName.lastIndexOf(".ko");
  if (end <= 0) return undefined;
  const suffix = suffixes.find((known) => known === fileName.slice(end + ".ko".length));
  return suffix === undefined ? undefined : { name: fileName.slice(0, end), suffix };
}

/** The name of an object as names are compared: the kernel takes `-` for `_`. */
export function objectKey(name: string): string {
  return name.replaceAll("-", "_");
}

/** The file names that an object can have. */
export function objectFileNames(name: string): readonly string[] {
  return suffixes.map((suffix) => `${name}.ko${suffix}`);
}
