/** Puts the source of a module where the source tree has it, in one step. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { defaultSource } from "../../model/machine/layout.ts";
import { moduleText, type ModuleId } from "../../model/pair.ts";
import { copyTree } from "../../system/writing/copies.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  rename,
  renameDirectory,
  setMode,
} from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory, realPath, targetKind } from "../../system/files/files.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";
import { run } from "../../system/process/processes.ts";

/** What to put where. */
export interface SourceToPlace {
  readonly layout: Layout;
  readonly module: ModuleId;
  /** The directory with the source; it stays as it is. */
  readonly from: string;
  /** Whether what is there already is replaced, or added to as the reference does. */
  readonly force: boolean;
}

/** A directory of this name with a dkms.conf in it would be taken for a module's source: copies are one level deeper. */
const stagingPrefix = ".dkms-alpm.";

/**
 * Copies a directory to `<source_tree>/M-V` with its times, permissions and links and returns that path; others see the old directory
 * or the new one, never a half. What a run that was killed here has left is put right first. Needs the lock on the dkms tree; throws `file-failed`.
 */
export async function placeSource({ layout, module, from, force }: SourceToPlace): Promise<string> {
  const source = defaultSource(layout, module);
  if (realPath(from) === realPath(source)) return source;
  makeDirectory(layout.sourceTree);
  recoverSources(layout.sourceTree);
  const staging = makeTemporaryDirectory(join(layout.sourceTree, stagingPrefix));
  const staged = join(staging, "new");
  try {
    const present = targetKind(source) === "directory" ? realPath(source) : undefined;
    if (present !== undefined && !force) copyTree(present, staged);
    copyTree(from, staged);
    setMode(staged, 0o755);
    await flush(staged, module);
    if (fileKind(source) !== "none") await putAside(source, staging, module);
    rename(staged, source);
    syncDirectory(layout.sourceTree);
    return source;
  } finally {
    recoverSources(layout.sourceTree);
  }
}

/** Moves a source into the staging directory; where an overlay cannot rename it, it is copied there before it goes. */
async function putAside(source: string, staging: string, module: ModuleId): Promise<void> {
  const former = join(staging, "former", basename(source));
  const copied = join(staging, "copied", basename(source));
  makeDirectory(dirname(former));
  if (renameDirectory(source, former)) return;
  const draft = join(staging, "draft");
  copyTree(source, draft);
  await flush(draft, module);
  makeDirectory(dirname(copied));
  rename(draft, copied);
  removeTree(source);
}

/** Brings a source back that was moved aside for one that never came, and removes what was only staged. */
function recoverSources(sourceTree: string): void {
  for (const name of listDirectory(sourceTree)) {
    if (!name.startsWith(stagingPrefix)) continue;
    const staging = join(sourceTree, name);
    for (const directory of listDirectory(join(staging, "former"))) {
      const place = join(sourceTree, directory);
      if (fileKind(place) === "none") rename(join(staging, "former", directory), place);
    }
    // What was copied first may be removed by half: as long as the new one waits, the copy is the source.
    const isWaiting = fileKind(join(staging, "new")) !== "none";
    for (const directory of isWaiting ? listDirectory(join(staging, "copied")) : []) {
      removeTree(join(sourceTree, directory));
      rename(join(staging, "copied", directory), join(sourceTree, directory));
    }
    removeTree(staging);
  }
}

/** One sync of the file system: thousands of small files synced one by one would take minutes. */
async function flush(directory: string, module: ModuleId): Promise<void> {
  const { status } = await run(["sync", "--file-system", directory]);
  if (status === 0) return;
  throw new DkmsError("file-failed", `The source of ${moduleText(module)} cannot be written to the disk.`, {
    module: moduleText(module),
    path: directory,
  });
}
