/** Reads the end of a file that may be of any size, as logs are. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** How much is read at first, and at most: the packages of the largest transaction take a hundredth of that. */
const [first, most] = [262_144, 67_108_864];

/** The end of a file from the last place on in which a word stands; nothing where there is no such place, or no file that can be read. */
export function readFromLast(path: string, word: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(descriptor);
    if (!found.isFile()) return "";
    for (let length = Math.min(first, found.size); ; length = Math.min(length * 8, found.size, most)) {
      const end = Buffer.allocUnsafe(length);
      const read = readSync(descriptor, end, 0, length, found.size - length);
      const at = end.subarray(0, read).lastIndexOf(word);
      if (at >= 0) return end.toString("utf8", at, read);
      if (length >= Math.min(found.size, most)) return "";
    }
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
