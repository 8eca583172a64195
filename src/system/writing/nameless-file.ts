/** A file that has no name in any directory, so that a run that is killed leaves nothing behind. */
import { constants, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, hasCode } from "../files/errors.ts";
import { makeTemporaryDirectory } from "./file-changes.ts";
import { placeOf } from "../files/other-machine.ts";

/** O_TMPFILE of linux/fcntl.h, the same on all architectures of ours; it holds O_DIRECTORY, which is not the same on all. */
const withoutName = 0o20000000 | constants.O_DIRECTORY;

/** Opens a file in the directory for temporary files that holds `content` and is read from its start. Returns its descriptor; throws `file-failed`. */
export function openWithoutName(content: Uint8Array): number {
  const directory = tmpdir();
  try {
    const descriptor = openNameless(directory);
    let written = 0;
    // At a place of its own each time: the descriptor's own place, from which a child reads, stays at the start.
    while (written < content.length)
      written += writeSync(descriptor, content, written, content.length - written, written);
    return descriptor;
  } catch (error) {
    throw failed("write a file in", directory, error);
  }
}

/** Where the file system or an old kernel cannot do that, the file has a name for a moment. */
function openNameless(directory: string): number {
  try {
    return openSync(placeOf(directory), withoutName | constants.O_RDWR, 0o600);
  } catch (error) {
    if (!hasCode(error, "EOPNOTSUPP", "EISDIR", "EINVAL", "ENOENT")) throw error;
    const named = placeOf(makeTemporaryDirectory(join(directory, "dkms-alpm-")));
    try {
      return openSync(join(named, "file"), "wx+", 0o600);
    } finally {
      rmSync(named, { recursive: true, force: true });
    }
  }
}
