/** How much room a file system has. */
import { statfsSync } from "node:fs";
import { failed } from "./errors.ts";
import { targetPlaceOf } from "./other-machine.ts";

/** Bytes that may still be written where an existing path lies; throws `file-failed`. */
export function freeSpace(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(targetPlaceOf(path));
    return bavail * bsize;
  } catch (error) {
    throw failed("look at the file system of", path, error);
  }
}
