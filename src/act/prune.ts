/** Clears away what no step of a pair does: single files and directories, each checked to lie in a tree of ours before it goes. */
import { dirname, join } from "node:path";
import { DkmsError } from "../model/errors.ts";
import { kernelDirectory, type Layout } from "../model/machine/layout.ts";
import type { Deletion } from "../model/health/leftovers.ts";
import type { KernelId } from "../model/pair.ts";
import { readKernel } from "../observe/kernel/kernels.ts";
import { removeEmptyUpTo, removeFile, removeIfEmpty, removeTree } from "../system/writing/file-changes.ts";
import { realPath } from "../system/files/files.ts";
import { clearStaleBuilds } from "./compile/workspace.ts";
import { refreshIndex } from "./index/depmod.ts";
import { closeJournal } from "./journal.ts";

/** How clearing away one thing ended. */
export interface Clearance {
  readonly deletion: Deletion;
  /** Why it is still there; undefined when it was removed. */
  readonly error: DkmsError | undefined;
}

/** Clears everything away that can be; one that cannot stops no other. Needs the lock on the tree. */
export function deleteLeftovers(layout: Layout, deletions: readonly Deletion[]): readonly Clearance[] {
  return deletions.map((item) => {
    try {
      clear(layout, item);
      return { deletion: item, error: undefined };
    } catch (error) {
      if (error instanceof DkmsError) return { deletion: item, error };
      throw error;
    }
  });
}

/**
 * Brings the index of every kernel up to date from which an object has been cleared away; those of removed kernels are nobody's. Returns what failed.
 */
export async function refreshAfter(
  layout: Layout,
  cleared: readonly Clearance[],
  arch: KernelId["arch"],
): Promise<readonly DkmsError[]> {
  const releases = new Set(
    cleared.flatMap(({ deletion, error }) =>
      deletion.kind === "object" && error === undefined ? [deletion.release] : [],
    ),
  );
  const failures: DkmsError[] = [];
  for (const release of releases) {
    const kernel = { release, arch } as KernelId;
    if (readKernel(layout, kernel).modules !== "present") continue;
    try {
      await refreshIndex(layout, kernel);
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      failures.push(error);
    }
  }
  return failures;
}

function clear(layout: Layout, deletion: Deletion): void {
  if (deletion.kind === "journal") {
    closeJournal(layout, new Set([deletion.key]));
    return;
  }
  requireOwnTree(layout, deletion.path);
  const { path } = deletion;
  switch (deletion.kind) {
    case "object":
      removeFile(path);
      removeEmptyUpTo(dirname(path), kernelDirectory(layout, deletion.release));
      break;
    case "stamp":
      removeFile(path);
      removeEmptyUpTo(dirname(path), join(layout.state, "stamps"));
      break;
    case "log":
      removeFile(path);
      break;
    case "link":
      removeFile(path);
      removeIfEmpty(dirname(path));
      break;
    case "kept":
      removeTree(path);
      removeEmptyUpTo(dirname(path), join(layout.state, "kept"));
      break;
    case "originals":
      removeTree(path);
      removeEmptyUpTo(dirname(path), layout.dkmsTree);
      break;
    case "build": {
      // One result may be in doubt: the rules for that are the builder's own, and clear all of them at once.
      const [failure] = clearStaleBuilds(layout);
      if (failure !== undefined) throw failure;
      break;
    }
    case "cached":
      removeTree(path);
      break;
    case "directory":
      removeIfEmpty(path);
      break;
  }
}

/** Links could lead a path out of the trees that are ours; throws `file-failed` then. */
function requireOwnTree(layout: Layout, path: string): void {
  const parent = realPath(dirname(path));
  if (parent === undefined) return;
  const trees = [layout.dkmsTree, layout.installTree, layout.state, layout.logs, layout.cache].map((tree) =>
    realPath(tree),
  );
  if (trees.some((tree) => tree !== undefined && `${parent}/`.startsWith(`${tree}/`))) return;
  throw new DkmsError("file-failed", `${path} is not deleted: it lies outside of the trees of dkms.`, {
    path,
    hint: `A link leads there; look at it: namei -l ${path}`,
  });
}
