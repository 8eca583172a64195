/** Moves directories also where they cannot be renamed: those of an overlay's lower layer (the image of a container, a live system). */
import { copyTree } from "./copies.ts";
import { removeTree, rename, renameDirectory } from "./file-changes.ts";
import { syncTree } from "./sync-tree.ts";

/**
 * Moves a directory. One that cannot be renamed is copied to `draft`, the copy gets its new place by rename, and only then the old directory goes. All three
 * are on one file system. A kill at the end leaves the whole copy, and half of the directory in its old place. Throws `file-failed`.
 */
export function moveDirectory(from: string, to: string, draft: string): void {
  if (renameDirectory(from, to)) return;
  try {
    copyTree(from, draft);
    syncTree(draft);
    rename(draft, to);
  } catch (error) {
    removeTree(draft);
    throw error;
  }
  removeTree(from);
}
