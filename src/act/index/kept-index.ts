/** Keeps a kernel's index while depmod makes a new one: on a full disk depmod puts the half of a file in the place of a whole one. */
import { join } from "node:path";
import { indexFiles, keptIndexName } from "../../model/kernel/index-files.ts";
import { linkFile } from "../../system/writing/copies.ts";
import { makeDirectory, removeTree, rename } from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory } from "../../system/files/files.ts";

/** Where it is kept, below the kernel's directory; depmod finds no modules there. */
const place = (directory: string): string => join(directory, keptIndexName);

/** Does the work that changes an index; when it fails, the index is the former one again. Throws what the work throws, or `file-failed`. */
export async function keepingIndex(directory: string, work: () => Promise<void>): Promise<void> {
  const kept = place(directory);
  // Whoever was killed meanwhile may have left a broken one.
  if (fileKind(kept) === "directory") putBack(directory);
  try {
    makeDirectory(kept);
    for (const name of indexFiles) {
      if (fileKind(join(directory, name)) === "file") linkFile(join(directory, name), join(kept, name));
    }
    await work();
  } catch (error) {
    putBack(directory);
    throw error;
  }
  removeTree(kept);
}

/** Removes what a run that was killed has kept, for a removed kernel. */
export function discardKeptIndex(directory: string): void {
  removeTree(place(directory));
}

function putBack(directory: string): void {
  const kept = place(directory);
  for (const name of listDirectory(kept)) rename(join(kept, name), join(directory, name));
  // A rename to another name of the same file changes nothing: it is still here.
  removeTree(kept);
}
