/** Copies that are safely on disk before anything depends on them. */
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  futimesSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { copyContent } from "./copy-content.ts";
import { failed } from "../files/errors.ts";
import { placeOf, targetPlaceOf } from "../files/other-machine.ts";
import { requireFile } from "./copies.ts";
import { removeFile, rename, discard } from "./file-changes.ts";

/** Where a file is prepared: beside its place, under a name that depmod and dkms take for nothing of theirs and that every file system takes. */
export function stagedName(path: string): string {
  const name = basename(path);
  const short = Buffer.byteLength(name) <= 240 ? name : createHash("sha256").update(name).digest("hex");
  return join(dirname(path), `${short}.dkms-new`);
}

/** Copies a file to a new one with the given permissions, modification time kept, and waits until the disk has it; nothing is left of a copy that fails. */
export function copyDurably(from: string, to: string, mode: number): void {
  try {
    rmSync(placeOf(to), { force: true });
    requireFile(from);
    copyContent(targetPlaceOf(from), placeOf(to), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const descriptor = openSync(placeOf(to), "r+");
    try {
      const { atime, mtime } = statSync(targetPlaceOf(from));
      fchmodSync(descriptor, mode);
      futimesSync(descriptor, atime, mtime);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    discard(to);
    throw failed("copy", `${from} to ${to}`, error, to);
  }
}

/** Copies a file over another in one step: first beside it, under a name that no reader takes for a finished file. */
export function replaceDurably(from: string, to: string, mode: number): void {
  const temporary = stagedName(to);
  copyDurably(from, temporary, mode);
  try {
    rename(temporary, to);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

/** Makes a symbolic link under a name of its own, replacing what an earlier run has left there. */
export function makeLink(text: string, path: string): void {
  removeFile(path);
  try {
    symlinkSync(text, placeOf(path));
  } catch (error) {
    throw failed("link", path, error);
  }
}

/** Waits until the disk has what was renamed and removed in a directory; file systems that cannot do that are passed over. */
export function syncDirectory(path: string): void {
  try {
    const descriptor = openSync(targetPlaceOf(path), "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The files themselves are synced: what is lost at worst is a rename, and the next run does it again.
  }
}
