/** The lock on the dkms tree. */
import { treeLock, type Layout } from "../model/machine/layout.ts";
import { takeLock, type Lock } from "../system/process/lock.ts";
import { makeDirectory } from "../system/writing/file-changes.ts";

/** Takes it, and makes the tree where there is none; `waiting` is called with the holder when another run has it. Throws what `takeLock` throws. */
export function takeTreeLock(layout: Layout, waiting: (holder: string) => void): Lock {
  makeDirectory(layout.dkmsTree);
  return takeLock(treeLock(layout), waiting);
}
