/** Registers a module that comes without its source: `M/V/source` is then a directory with its conf, as the reference leaves it. */
import { join } from "node:path";
import { moduleDirectory, sourceLink, type Layout } from "../../model/machine/layout.ts";
import type { ModuleId } from "../../model/pair.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import { makeTemporaryDirectory, removeFile, removeTree, rename, setMode } from "../../system/writing/file-changes.ts";

/** Copies the dkms.conf of a directory into the tree and returns the directory where it is now. Throws `file-failed`. */
export function registerConfAlone(layout: Layout, module: ModuleId, from: string): string {
  const directory = sourceLink(layout, module);
  const staged = makeTemporaryDirectory(`${moduleDirectory(layout, module)}/.source.`);
  try {
    copyAtomically(join(from, "dkms.conf"), join(staged, "dkms.conf"));
    setMode(staged, 0o755);
    // A dangling link of a removed source.
    removeFile(directory);
    rename(staged, directory);
    return directory;
  } finally {
    removeTree(staged);
  }
}
