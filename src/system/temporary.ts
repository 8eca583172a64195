/** Directories for the time of one question: what has to be unpacked or copied before it can be read. */
import { join } from "node:path";
import { callerEnvironment } from "./environment.ts";
import { makeTemporaryDirectory, removeTree, writeAtomically } from "./writing/file-changes.ts";

/** A directory of our own. */
export interface TemporaryDirectory {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/** Makes a directory `<prefix>XXXXXX`; throws `file-failed`. */
export function openTemporary(prefix: string): TemporaryDirectory {
  const path = makeTemporaryDirectory(prefix);
  return { path, remove: () => removeTree(path) };
}

/** Gives bytes to a reader that takes nothing but a file, below TMPDIR; the file is removed when it has been read. */
export async function withTemporaryFile<T>(
  name: string,
  bytes: Uint8Array,
  use: (path: string) => T | Promise<T>,
): Promise<T> {
  const directory = openTemporary(join(callerEnvironment()["TMPDIR"] ?? "/tmp", "dkms-alpm-"));
  try {
    const path = join(directory.path, name);
    writeAtomically(path, bytes);
    return await use(path);
  } finally {
    directory.remove();
  }
}
