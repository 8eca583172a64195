/** Changes what is on the disk; what others read appears in one step, whole or not at all. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { failed, hasCode, worded } from "../files/errors.ts";
import { targetKind } from "../files/files.ts";
import { placeOf, targetPlaceOf } from "../files/other-machine.ts";
import { removeStubborn } from "./stubborn-trees.ts";

/** Makes a directory and its parents; nothing happens when it exists. */
export function makeDirectory(path: string): void {
  worded("make the directory", path, () => makeWithParents(path));
}

/** mkdirSync's own recursion never ends below /proc, where a directory can be missing and impossible to make. */
function makeWithParents(path: string): void {
  try {
    mkdirSync(placeOf(path));
  } catch (error) {
    if (hasCode(error, "ENOENT") && dirname(path) !== path && targetKind(dirname(path)) === "none") {
      makeWithParents(dirname(path));
      mkdirSync(placeOf(path));
    } else if (!hasCode(error, "EEXIST", "EROFS", "EACCES", "EPERM") || targetKind(path) !== "directory") {
      throw error;
    }
  }
}

/** Makes a directory with a name of its own, `<prefix>XXXXXX`, and returns its path. */
export function makeTemporaryDirectory(prefix: string): string {
  makeDirectory(dirname(prefix));
  return worded("make a directory at", prefix, () => {
    const made = mkdtempSync(placeOf(prefix));
    return `${prefix}${made.slice(-6)}`;
  });
}

/** Writes a file so that others see the old content or the new one, never a part: a temporary file beside it is synced and renamed. */
export function writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): void {
  try {
    makeDirectory(dirname(path));
    // Another run may clear away what it takes for the leftover of a killed one: then once more.
    if (appearAt(path, content, mode) === "cleared-away" && appearAt(path, content, mode) === "cleared-away")
      throw new Error("another run has removed it twice");
  } catch (error) {
    throw failed("write", path, error);
  }
}

function appearAt(path: string, content: string | Uint8Array, mode: number): "there" | "cleared-away" {
  const temporary = temporaryName(path);
  try {
    const descriptor = withoutFormer(temporary, () => openSync(placeOf(temporary), "wx", mode));
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(placeOf(temporary), placeOf(path));
    return "there";
  } catch (error) {
    if (hasCode(error, "ENOENT") && targetKind(dirname(path)) === "directory") return "cleared-away";
    discard(temporary);
    throw error;
  }
}

/** Makes or replaces a symbolic link in one step. */
export function linkAtomically(text: string, path: string): void {
  const temporary = temporaryName(path);
  try {
    withoutFormer(temporary, () => symlinkSync(text, placeOf(temporary)));
    renameSync(placeOf(temporary), placeOf(path));
  } catch (error) {
    discard(temporary);
    throw failed("link", path, error);
  }
}

/** Moves a file or directory within one file system, replacing what is there. */
export function rename(from: string, to: string): void {
  worded("rename", `${from} to ${to}`, () => renameSync(placeOf(from), placeOf(to)));
}

/** Renames a directory; false where an overlay cannot, since the directory lies in a lower layer (an image of a container). */
export function renameDirectory(from: string, to: string): boolean {
  try {
    renameSync(placeOf(from), placeOf(to));
    return true;
  } catch (error) {
    if (hasCode(error, "EXDEV")) return false;
    throw failed("rename", `${from} to ${to}`, error);
  }
}

/** Removes a file or link; nothing happens when there is none. */
export function removeFile(path: string): void {
  worded("remove", path, () => rmSync(placeOf(path), { force: true }));
}

/** Removes a directory with all that is in it; links are removed, never followed. */
export function removeTree(path: string): void {
  const place = placeOf(path);
  worded("remove", path, () => {
    try {
      rmSync(place, { recursive: true, force: true });
    } catch (error) {
      // Whoever may write to it can make what is hard to remove.
      if (!hasCode(error, "ENAMETOOLONG", "ENOTEMPTY", "ENOENT")) throw error;
      removeStubborn(place);
    }
  });
}

/** Removes a directory if it is empty; tells whether it was removed. */
export function removeIfEmpty(path: string): boolean {
  try {
    rmdirSync(placeOf(path));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY")) return false;
    throw failed("remove", path, error);
  }
}

/** Removes a directory and its parents as long as they are empty, up to but not including `limit`. */
export function removeEmptyUpTo(path: string, limit: string): void {
  for (let at = path; at.startsWith(`${limit}/`) && removeIfEmpty(at); at = dirname(at));
}

/** Sets permissions, an octal number such as 0o600. */
export function setMode(path: string, mode: number): void {
  worded("set the permissions of", path, () => chmodSync(targetPlaceOf(path), mode));
}

let temporaryCount = 0;

/** A name beside the path that no reader of the directory takes for a finished file. */
export function temporaryName(path: string): string {
  temporaryCount += 1;
  return join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.${temporaryCount}.tmp`);
}

/** A process of the same id that was killed may have left its file there. */
function withoutFormer<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    rmSync(placeOf(path));
    return make();
  }
}

/** Removes what an attempt that failed has left. */
export function discard(path: string): void {
  try {
    rmSync(placeOf(path), { force: true });
  } catch {
    // The first error is the one to report.
  }
}
