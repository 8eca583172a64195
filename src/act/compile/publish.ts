/**
 * Puts a finished result where `K/A` is. There is no moment at which a kill loses a result: what was there before is kept beside it, in `.undo_A_x`,
 * until the new one is true. That directory is empty when there was nothing before; as long as it exists, the new result is in doubt.
 */
import { basename, dirname } from "node:path";
import { moveDirectory } from "../../system/writing/move-directory.ts";
import { makeDirectory, removeTree, rename } from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory } from "../../system/files/files.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";

/** A result in its place that can still be taken back. */
export interface Publication {
  /** The result is true: what was there before goes. */
  commit(): void;
  /** What was there before comes back; what was published is moved to `aside`. */
  takeBack(aside: string): void;
}

/** Moves a staged directory to its place; both are in the same directory. */
export function publish(staged: string, result: string): Publication {
  const mark = basename(staged).replace(/^\.tmp_/, "");
  const undo = `${dirname(result)}/.undo_${mark}`;
  const old = `${dirname(result)}/.old_${mark}`;
  if (fileKind(result) === "none") makeDirectory(undo);
  else moveDirectory(result, undo, `${dirname(result)}/.tmp_${mark}-former`);
  rename(staged, result);
  syncDirectory(dirname(result));
  return {
    commit: () => {
      rename(undo, old);
      syncDirectory(dirname(result));
      removeTree(old);
    },
    takeBack: (aside) => {
      if (fileKind(result) !== "none") rename(result, aside);
      takeBack(undo, result);
    },
  };
}

/** Ends what a killed run has left in `M/V/K`: takes back results in doubt and removes what was only staged. Needs the lock. */
export function recover(releaseDirectory: string): void {
  for (const name of listDirectory(releaseDirectory)) {
    const path = `${releaseDirectory}/${name}`;
    const arch = /^\.undo_(.+)_[^_]+$/.exec(name)?.[1];
    if (arch !== undefined) takeBack(path, `${releaseDirectory}/${arch}`);
    else if (/^\.(tmp|old)_.+_[^_]+$/.test(name)) removeTree(path);
  }
}

function takeBack(undo: string, result: string): void {
  removeTree(result);
  if (listDirectory(undo).length === 0) removeTree(undo);
  else rename(undo, result);
}
