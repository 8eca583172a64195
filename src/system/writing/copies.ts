/** Copies of files and trees, and further names of files. */
import { closeSync, constants, cpSync, fsyncSync, linkSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { failed, hasCode, worded } from "../files/errors.ts";
import { fileKind, targetKind } from "../files/files.ts";
import { placeOf, targetPlaceOf } from "../files/other-machine.ts";
import { noteUnexpected } from "../files/unexpected.ts";
import { copyContent, isForeign, takeOverTree } from "./copy-content.ts";
import { discard, makeDirectory, temporaryName } from "./file-changes.ts";

/** Copies a file, making the directories that its new path needs. */
export function copyFileInto(from: string, to: string): void {
  makeDirectory(dirname(to));
  copyAtomically(from, to);
}

/** Copies a file over another in one step, with its permissions; copies share their blocks where the file system can. */
export function copyAtomically(from: string, to: string): void {
  const temporary = temporaryName(to);
  try {
    requireFile(from);
    copyContent(targetPlaceOf(from), placeOf(temporary), constants.COPYFILE_FICLONE);
    const descriptor = openSync(placeOf(temporary), "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(placeOf(temporary), placeOf(to));
  } catch (error) {
    discard(temporary);
    throw failed("copy", `${from} to ${to}`, error);
  }
}

/** Gives a file another name; on a file system that knows no hard links it is copied. */
export function linkFile(from: string, to: string): void {
  worded("link", to, () => {
    try {
      linkSync(placeOf(from), placeOf(to));
    } catch (error) {
      if (!hasCode(error, "EPERM", "EOPNOTSUPP", "ENOSYS", "EMLINK")) throw error;
      copyContent(targetPlaceOf(from), placeOf(to));
    }
  });
}

/** Gives a file a second name that must be free: what stands there, a dangling link even, is never replaced. */
export function addFile(from: string, to: string): void {
  worded("make", to, () => {
    try {
      linkSync(from, to);
    } catch (error) {
      if (!hasCode(error, "EPERM", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV")) throw error;
      copyContent(from, to, constants.COPYFILE_EXCL);
    }
  });
}

/** Refuses to copy what is no file: a pipe would wait for somebody to write to it, a device may have no end. Throws `file-failed`. */
export function requireFile(path: string): void {
  if (targetKind(path) === "other") throw failed("read", path, new Error("it is a device or a pipe"));
}

/** Copies a tree with times, permissions and links, but no devices and pipes; blocks are shared where the file system can. */
export function copyTree(from: string, to: string): void {
  let hasForeign = false;
  worded("copy", `${from} to ${to}`, () => {
    cpSync(placeOf(from), placeOf(to), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => {
        hasForeign ||= isForeign(path);
        if (fileKind(path) !== "other") return true;
        noteUnexpected(`${path} is a device or a pipe. It is not copied.`);
        return false;
      },
    });
    if (hasForeign) takeOverTree(placeOf(to));
  });
}
