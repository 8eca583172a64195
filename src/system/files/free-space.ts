/** How much space a file system has. */
import { type Dirent, lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { failed } from "./errors.ts";
import { placeOf, targetPlaceOf } from "./other-machine.ts";

/** Bytes that may still be written where an existing path lies; throws `file-failed`. */
export function freeSpace(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(targetPlaceOf(path));
    return bavail * bsize;
  } catch (error) {
    throw failed("look at the file system of", path, error);
  }
}

/** A number that is the same for all paths on one file system; undefined for a path that does not exist. */
export function fileSystemOf(path: string): number | undefined {
  return statSync(targetPlaceOf(path), { throwIfNoEntry: false })?.dev;
}

/** Entries that are looked at: what is written by the thousand has its size from the first of them. */
const mostEntries = 20_000;

/** Bytes of the disk that files below a directory take. What cannot be looked at counts nothing, so that nothing in it can be an error. */
export function takenBytes(directory: string): number {
  let entries = 0;
  const below = (path: string): number => {
    let sum = 0;
    for (const { name } of entriesOf(path)) {
      if ((entries += 1) > mostEntries) return sum;
      try {
        const found = lstatSync(`${path}/${name}`);
        sum += found.blocks * 512 + (found.isDirectory() ? below(`${path}/${name}`) : 0);
      } catch {
        // It was removed meanwhile, or its name is too long.
      }
    }
    return sum;
  };
  return below(placeOf(directory));
}

function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
