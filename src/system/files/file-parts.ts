/** Reads parts of files that are too large to be read whole. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { failed } from "./errors.ts";
import { placeOf } from "./other-machine.ts";

/** Gives `work` the size of a file and a way to read parts of it; links are not followed. Throws `file-failed`, for what is no file as well. */
export function withParts<Answer>(
  path: string,
  work: (size: number, read: (offset: number, length: number) => Uint8Array) => Answer,
): Answer {
  let descriptor: number | undefined;
  try {
    const opened = openSync(placeOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    descriptor = opened;
    const found = fstatSync(opened);
    if (!found.isFile()) throw new Error("it is no file");
    return work(found.size, (offset, length) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, found.size - offset)));
      return buffer.subarray(0, readSync(opened, buffer, 0, buffer.length, offset));
    });
  } catch (error) {
    throw failed("read", path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
