/** Walks directory trees of thousands of files, as a kernel's modules are, and stops as soon as the caller has seen enough. */
import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { targetPlaceOf } from "./other-machine.ts";

/** A file or link, by its directory relative to where the walk began (empty for that one) and its name. */
export interface WalkedFile {
  readonly directory: string;
  readonly name: string;
  readonly kind: "file" | "link";
}

/**
 * Every file and link below a directory, links not followed: first those of a directory itself, then those of its directories in the order of their names,
 * with those of `first` before and those of `skip` not at all (both name directories directly below the start). What cannot be read is passed over.
 */
export function* walkFiles(
  start: string,
  { first = [], skip = [] }: { readonly first?: readonly string[]; readonly skip?: readonly string[] } = {},
): Generator<WalkedFile, void> {
  const { files, directories } = entries(start, "");
  yield* files;
  const ordered = [
    ...first.filter((name) => directories.includes(name)),
    ...directories.filter((name) => !first.includes(name)),
  ];
  for (const name of ordered) if (!skip.includes(name)) yield* walkBelow(start, name);
}

function* walkBelow(start: string, directory: string): Generator<WalkedFile, void> {
  const { files, directories } = entries(start, directory);
  yield* files;
  for (const name of directories) yield* walkBelow(start, `${directory}/${name}`);
}

function entries(
  start: string,
  directory: string,
): { readonly files: readonly WalkedFile[]; readonly directories: readonly string[] } {
  const files: WalkedFile[] = [];
  const directories: string[] = [];
  for (const entry of read(join(start, directory))) {
    if (entry.isDirectory()) directories.push(entry.name);
    else if (entry.isFile()) files.push({ directory, name: entry.name, kind: "file" });
    else if (entry.isSymbolicLink()) files.push({ directory, name: entry.name, kind: "link" });
  }
  return { files, directories: directories.toSorted() };
}

function read(path: string): readonly Dirent[] {
  try {
    return readdirSync(targetPlaceOf(path), { withFileTypes: true });
  } catch {
    // Removed meanwhile, or not ours to read: `dkms status` runs for any user.
    return [];
  }
}
