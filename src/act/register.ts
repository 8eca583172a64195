/** Registers modules in the dkms tree and takes them out again. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../model/errors.ts";
import type { Layout } from "../model/machine/layout.ts";
import {
  buildDirectory,
  entryDirectories,
  keptDirectory,
  moduleDirectory,
  packageDirectory,
  resultDirectory,
  sourceLink,
  stampFile,
} from "../model/machine/layout.ts";
import { moduleText, type ModuleId, type Pair } from "../model/pair.ts";
import {
  linkAtomically,
  makeDirectory,
  removeEmptyUpTo,
  removeIfEmpty,
  removeTree,
  renameDirectory,
} from "../system/writing/file-changes.ts";
import { removeEmptyTree } from "../system/writing/empty-trees.ts";
import { fileKind, listEntries, targetKind } from "../system/files/files.ts";
import { clearUnfinishedFiles } from "../system/writing/unfinished-files.ts";

/** Links a module's source into the tree: state `added`. Throws `source-missing`. */
export function register(layout: Layout, module: ModuleId, source: string): void {
  if (targetKind(source) !== "directory") {
    throw new DkmsError(
      "source-missing",
      `The source of ${moduleText(module)} is not there: ${source} does not exist.`,
      {
        module: moduleText(module),
        path: source,
      },
    );
  }
  makeDirectory(buildDirectory(layout, module));
  linkAtomically(source, sourceLink(layout, module));
}

/** Removes the result of a pair; its objects have left the kernel's tree before. The result goes last and at once: as long as it is there, so is the pair. */
export function unbuild(layout: Layout, pair: Pair): void {
  clearUnfinishedFiles(dirname(stampFile(layout, pair)));
  removeTree(stampFile(layout, pair));
  removeEmptyUpTo(join(stampFile(layout, pair), ".."), join(layout.state, "stamps"));
  removeAtOnce(resultDirectory(layout, pair));
  removeIfEmpty(join(moduleDirectory(layout, pair.module), pair.kernel.release));
}

/** Half of a directory is nothing that anybody could go on with: it vanishes by a rename, and `clearStaleBuilds` knows its new name. */
function removeAtOnce(directory: string): void {
  const going = join(dirname(directory), `.old_${basename(directory)}_x`);
  removeTree(going);
  if (fileKind(directory) === "none") return;
  removeTree(renameDirectory(directory, going) ? going : directory);
}

/** Takes a module out of the tree when no result of it is left; tells whether it was removed. The source itself is never touched. */
export function deregister(layout: Layout, module: ModuleId): "removed" | "in-use" {
  const directory = moduleDirectory(layout, module);
  for (const { name, kind } of listEntries(directory)) {
    if (kind !== "directory" || entryDirectories.has(name)) continue;
    for (const inner of listEntries(join(directory, name))) {
      if (inner.name.startsWith(".tmp_")) removeTree(join(directory, name, inner.name));
    }
    removeIfEmpty(join(directory, name));
  }
  const left = listEntries(directory).filter(({ name, kind }) => kind === "directory" && !entryDirectories.has(name));
  if (left.length > 0) return "in-use";
  removeTree(keptDirectory(layout, module));
  removeAtOnce(directory);
  const parent = packageDirectory(layout, module.name);
  removeEmptyTree(join(parent, "original_module"));
  removeIfEmpty(parent);
  removeEmptyUpTo(join(keptDirectory(layout, module), ".."), join(layout.state, "kept"));
  return "removed";
}
