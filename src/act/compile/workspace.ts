/** The private directories of a build, and what remains of them. */
import { dirname } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { Layout } from "../../model/machine/layout.ts";
import {
  buildDirectory,
  buildPlace,
  entryDirectories,
  moduleDirectory,
  pairLog,
  resultDirectory,
  unfinishedPlaces,
} from "../../model/machine/layout.ts";
import type { ModuleId, Pair } from "../../model/pair.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeIfEmpty,
  removeTree,
  rename,
  setMode,
} from "../../system/writing/file-changes.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listDirectory, subdirectories } from "../../system/files/files.ts";
import { Listings, type Entries } from "../../system/files/listings.ts";
import { ForeignTree } from "../../system/files/foreign-tree.ts";
import { copyExpendable } from "../../system/writing/expendable-files.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";
import { clearDrafts } from "../cache/place.ts";
import { isLogOf } from "./make-log.ts";
import { recover } from "./publish.ts";
import type { Mode } from "../sandbox/probe.ts";

/** Where a build works; all paths are those of the machine, not those that the build sees. */
export interface Workspace {
  /** Holds everything that goes when the build ends. */
  readonly directory: string;
  /** The copy of the sources. */
  readonly build: string;
  /** The build's own /tmp. */
  readonly temporary: string;
  readonly log: string;
  /** What the build sees at `K/A`, its result's place. */
  readonly handed: string;
  /** The result while it is assembled from what was imported, beside its final place. */
  readonly staged: string;
}

/** Makes the directories. A plain build happens in `M/V/build` itself, which is emptied. */
export function makeWorkspace(layout: Layout, pair: Pair, mode: Mode): Workspace {
  const { module, kernel } = pair;
  const name = `${module.name}-${module.version}-${kernel.release}-${kernel.arch}`;
  const directory = makeTemporaryDirectory(`${buildPlace(layout)}/${name.slice(0, 200)}.`);
  const beside = `${dirname(resultDirectory(layout, pair))}/.tmp_${kernel.arch}_`;
  const staged = makeTemporaryDirectory(beside);
  // A plain build has it at its final place for a while: it must be on the same file system.
  const handed = mode === "plain" ? makeTemporaryDirectory(beside) : `${directory}/result`;
  const build = mode === "plain" ? buildDirectory(layout, module) : `${directory}/build`;
  if (mode === "plain") removeTree(build);
  const parts = [handed, staged].flatMap((path) => [path, `${path}/log`, `${path}/module`]);
  for (const path of [build, `${directory}/tmp`, ...parts]) makeDirectory(path);
  // Results are read by everyone; a temporary directory is its maker's own. /tmp is for every user that a script may become.
  for (const path of [handed, staged]) setMode(path, 0o755);
  setMode(`${directory}/tmp`, 0o1777);
  return { directory, build, temporary: `${directory}/tmp`, log: `${directory}/make.log`, handed, staged };
}

/** Puts what make has left at `K/A` aside, and an empty directory of ours in its place; returns where it is now. */
export function renewHanded({ directory, handed }: Workspace): string {
  const aside = `${directory}/made`;
  rename(handed, aside);
  for (const path of [handed, `${handed}/log`, `${handed}/module`]) makeDirectory(path);
  return aside;
}

/** Removes what is left of a workspace, and the directory of a kernel for which nothing was built. */
export async function clearWorkspace(workspace: Workspace): Promise<void> {
  for (const path of [workspace.directory, workspace.handed, workspace.staged]) await removeStubbornTree(path);
  const kernel = dirname(workspace.staged);
  // The module's own directories are empty only when somebody has removed it meanwhile.
  if (removeIfEmpty(kernel) && removeIfEmpty(dirname(kernel))) removeIfEmpty(dirname(dirname(kernel)));
}

/** Keeps the log outside of the workspace, whatever became of the build. */
export function keepLog(layout: Layout, pair: Pair, log: string): void {
  makeDirectory(layout.logs);
  copyExpendable(log, pairLog(layout, pair));
}

/**
 * After a failure `M/V/build` holds the sources as they were built, and make.log, as the reference leaves it; but nobody else than root may enter, and
 * nothing in it has rights of its own.
 */
export function keepFailedBuild(layout: Layout, pair: Pair, workspace: Workspace): void {
  const build = buildDirectory(layout, pair.module);
  removeTree(`${workspace.build}/make.log`);
  new ForeignTree(workspace.build).tame();
  if (workspace.build !== build) {
    removeTree(build);
    try {
      // A script could have planted links among the sources: a file that is moved in is never written through one.
      copyAtomically(workspace.log, `${workspace.directory}/kept.log`);
      rename(`${workspace.directory}/kept.log`, `${workspace.build}/make.log`);
      rename(workspace.build, build);
      return;
    } catch {
      // Another file system: the log is what matters.
      makeDirectory(build);
      setMode(build, 0o700);
    }
  }
  copyAtomically(workspace.log, `${build}/make.log`);
}

/** After a success `M/V/build` goes, unless it tells of the failure of another kernel. */
export function clearBuildDirectory(layout: Layout, pair: Pair): void {
  const build = buildDirectory(layout, pair.module);
  const log = readText(`${build}/make.log`);
  if (log !== undefined && !isLogOf(log, pair)) return;
  try {
    removeTree(build);
  } catch {
    // No later run looks here again: what a disk refuses once it may do when it is asked again.
    removeTree(build);
  }
}

/**
 * Clears up after runs that were killed: private directories and staged results go, a result in doubt is replaced by the one before it.
 * Needs the lock on the tree. Returns what could not be cleared, which stops nothing else; `listings` are right when it returns.
 */
export function clearStaleBuilds(layout: Layout, listings: Listings = new Listings()): readonly DkmsError[] {
  const failures: DkmsError[] = [];
  const attempt = (clear: () => void): void => {
    try {
      clear();
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      failures.push(error);
    }
  };
  attempt(() => removeTree(buildPlace(layout)));
  attempt(() => clearDrafts(layout));
  for (const directory of unfinishedPlaces(layout)) attempt(() => clearUnfinishedFiles(directory));
  for (const name of directoriesAmong(listings.list(layout.dkmsTree))) {
    attempt(() => clearPackage(layout, name, listings));
  }
  return failures;
}

/** Every directory is listed once and no more: there are as many as there are pairs. */
function clearPackage(layout: Layout, name: string, listings: Listings): void {
  const directory = `${layout.dkmsTree}/${name}`;
  const entries = listings.list(directory);
  const hasLeftovers = entries.some(({ name: entry }) => isLeftover(entry));
  if (hasLeftovers) {
    listings.forget();
    recover(directory);
    clearUnfinishedFiles(directory);
  }
  for (const version of directoriesAmong(entries)) {
    const tree = moduleDirectory(layout, { name, version } as ModuleId);
    const inTree = listings.list(tree);
    for (const release of directoriesAmong(inTree)) {
      if (!entryDirectories.has(release)) clearRelease(`${tree}/${release}`, listings);
    }
    if (!inTree.some(({ name: entry }) => isLeftover(entry))) continue;
    listings.forget();
    clearUnfinishedFiles(tree);
  }
  if (entries.length > 0 && !hasLeftovers) return;
  listings.forget();
  removeIfEmpty(directory);
}

function clearRelease(directory: string, listings: Listings): void {
  // What is left here is always a directory: where the only one is a result, there is nothing else to list.
  if (subdirectories(directory) === 1 && fileKind(`${directory}/${machineArchitecture()}`) === "directory") return;
  const names = listDirectory(directory);
  if (names.length > 0 && !names.some(isLeftover)) return;
  listings.forget();
  recover(directory);
  removeIfEmpty(directory);
}

/** Whether it may be what a killed run has left: that has a hidden name, or one that says that it is not finished. */
function isLeftover(name: string): boolean {
  return name.startsWith(".") || name.endsWith(".dkms-new");
}

function directoriesAmong(entries: Entries): readonly string[] {
  return entries.filter(({ name, kind }) => kind === "directory" && !name.startsWith(".")).map(({ name }) => name);
}

/** Processes of a build that has just been killed may still write for a moment. */
async function removeStubbornTree(path: string): Promise<void> {
  const { setTimeout: delay } = await import("node:timers/promises");
  for (let attempt = 1; ; attempt += 1) {
    try {
      removeTree(path);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await delay(50);
    }
  }
}
