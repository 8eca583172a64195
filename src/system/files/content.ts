/** What is in files. Synchronous: every caller needs the answer before it can go on, and start-up counts. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync, type Stats } from "node:fs";
import { failed, hasCode } from "./errors.ts";
import { kindOf } from "./files.ts";
import { isOnOtherMachine, targetPlaceOf } from "./other-machine.ts";
import { noteUnexpected } from "./unexpected.ts";

/** Bytes of a text; pacman's log of many years has some ten million. */
const longestText = 256 * 1024 ** 2;

/**
 * The text of a file, or undefined when it does not exist. A directory in its place is no file, and noted as unexpected. Throws `file-failed` for every
 * other trouble, and for a file of more bytes than `longest`.
 */
export function readText(path: string, longest = longestText): string | undefined {
  // Many small files are read: one buffer serves them all.
  return withFile(path, "", (descriptor, size) => {
    requireSize(size);
    if (size > longest) throw new Error(`it has ${size} bytes, more than the ${longest} that are read`);
    const isSmall = size > 0 && size < small.length;
    if (isSmall && readSync(descriptor, small, 0, small.length, 0) === size) return small.toString("utf8", 0, size);
    // A read at a place leaves the descriptor where it was: at the beginning.
    return readFileSync(descriptor, "utf8");
  });
}

const small = Buffer.allocUnsafeSlow(16_384);

/** The bytes of a file, or undefined when it does not exist; throws `file-failed` for every other trouble. Devices and pipes read as empty. */
export function readBytes(path: string): Buffer | undefined {
  return withFile(path, Buffer.alloc(0), (descriptor, size) => {
    requireSize(size);
    return readFileSync(descriptor);
  });
}

/** The bytes of a file of at most `longest` bytes; undefined for a longer one, and when it does not exist. Throws `file-failed` for every other trouble. */
export function readShort(path: string, longest: number): Buffer | undefined {
  return withFile<Buffer | undefined>(path, undefined, (descriptor, size) =>
    size > longest ? undefined : readFileSync(descriptor),
  );
}

/** At most `length` bytes of a file from `offset` on, fewer at its end; undefined when it does not exist. */
export function readPart(path: string, offset: number, length: number): Buffer | undefined {
  return withFile(path, Buffer.alloc(0), (descriptor) => {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  });
}

/** Bytes of a file that are read at most where strangers wrote it: more than any file of a source or of headers has. */
const longestForeign = 256 * 1024 ** 2;

/** Throws for a file of a package that is to come when it has more bytes than files of sources and headers have. */
export function requireSize(size: number): void {
  if (isOnOtherMachine() && size > longestForeign) throw new Error(`it has ${size} bytes`);
}

/** Opens a file for reading; for a device or a pipe gives `other`. */
export function withFile<Content>(
  path: string,
  other: Content,
  read: (descriptor: number, size: number) => Content,
): Content | undefined {
  let descriptor: number | undefined;
  try {
    // Opening a named pipe would wait until somebody writes to it, and some devices never come to their end.
    descriptor = openSync(targetPlaceOf(path), constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(descriptor);
    if (found.isDirectory()) {
      noteUnexpected(`${path} is a directory where a file belongs. It is ignored.`);
      return undefined;
    }
    if (found.isFIFO() || found.isSocket()) noteUnexpected(`${path} is a pipe where a file belongs. It is ignored.`);
    return kindOf(found) === "other" ? other : read(descriptor, found.size);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    // A socket cannot be opened at all.
    if (hasCode(error, "ENXIO")) {
      noteUnexpected(`${path} is a socket where a file belongs. It is ignored.`);
      return undefined;
    }
    throw failed("read", path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Whether two files have the same bytes; false when one is missing. */
export function sameContent(a: string, b: string): boolean {
  const left = statOf(a);
  const right = statOf(b);
  if (left === undefined || right === undefined || left.size !== right.size) return false;
  if (left.ino === right.ino && left.dev === right.dev) return true;
  const bytes = readBytes(a);
  return bytes !== undefined && readBytes(b)?.equals(bytes) === true;
}

/** Undefined when the path leads to nothing. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(targetPlaceOf(path), { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, "ELOOP", "ENOTDIR")) return undefined;
    throw failed("look at", path, error);
  }
}
