/** Reads what lies about on the machine that no pair accounts for. */
import { dirname, join } from "node:path";
import { indexFiles } from "../../model/kernel/index-files.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import {
  entryDirectories,
  guardLock,
  kernelDirectory,
  packageDirectory,
  treeLock,
} from "../../model/machine/layout.ts";
import type { Leftovers } from "../../model/health/leftovers.ts";
import { moduleText, type ModuleId } from "../../model/pair.ts";
import type { World } from "../../model/machine/world.ts";
import { fileKind, isSameFile, listDirectory, listEntries } from "../../system/files/files.ts";
import { isLocked } from "../../system/process/lock-state.ts";
import { walkFiles } from "../../system/files/walk.ts";
import { readCachedResults, readUnfinishedResults } from "../stamps/cached-results.ts";
import { notModules } from "../kernel/compression.ts";
import type { ObserveContext } from "../context.ts";
import { directories, readRecords } from "./records.ts";
import { readUnfinishedRemovals, readUnindexed } from "./unindexed.ts";
import { readStrayObjects } from "./stray-objects.ts";

/** Whether the caller holds the lock on the tree: without it a run may be at work whose directories must not be taken for leftovers. */
export type LockHolder = "caller" | "unknown";

/** Reads everything; `world` must be of the whole machine. */
export async function readLeftovers(context: ObserveContext, world: World, lock: LockHolder): Promise<Leftovers> {
  const { layout } = context;
  const { entries, archived, emptyDirectories, staged } = readEntries(layout, world);
  const isBusy = lock === "unknown" && isLocked(treeLock(layout));
  const begun = isBusy ? [] : readUnfinishedRemovals(layout);
  const privateBuilds = listDirectory(join(layout.state, "build")).map((name) => join(layout.state, "build", name));
  return {
    sourceTrees: namesOf(layout.sourceTree, world),
    ...(await readStrayObjects(context, world)),
    ...readRecords(layout, world),
    ...readCache(layout, { isBusy }),
    cacheLimit: context.own.cache.value,
    builds: isBusy ? [] : [...privateBuilds, ...staged],
    entries,
    archived,
    emptyDirectories,
    untidy: world.kernels
      .filter((kernel) => kernel.modules === "leftover" && isUntidy(kernelDirectory(layout, kernel.release)))
      .map(({ release, arch }) => ({ release, arch })),
    begun,
    unindexed: isBusy ? [] : readUnindexed(layout, world, begun),
  };
}

/** The source tree, and the names by which modules have been registered that lie in it: a part of them may be a link or a mount point. */
function namesOf(sourceTree: string, world: World): readonly string[] {
  const parents = world.modules.map(({ source }) => dirname(source));
  return [sourceTree, ...new Set(parents.filter((parent) => parent !== sourceTree && isSameFile(parent, sourceTree)))];
}

/** A test before a transaction writes results as well, and holds a lock of its own. */
function readCache(
  layout: Layout,
  { isBusy }: { readonly isBusy: boolean },
): Pick<Leftovers, "results" | "unfinishedResults" | "workDirectories"> {
  const [results, works] = [join(layout.cache, "results"), join(layout.cache, "guard")];
  const isTesting = isLocked(guardLock(layout));
  return {
    results: readCachedResults(results),
    unfinishedResults: isBusy || isTesting ? [] : readUnfinishedResults(results),
    workDirectories: isTesting ? [] : listDirectory(works).map((name) => join(works, name)),
  };
}

interface Entries extends Pick<Leftovers, "entries" | "archived" | "emptyDirectories"> {
  /** Results that a killed run was assembling or replacing. */
  readonly staged: readonly string[];
}

/** Looks through the dkms tree for what is no module, and no result. */
function readEntries(layout: Layout, world: World): Entries {
  const registered = new Set(
    world.modules
      .filter(({ registration, pairs }) => registration !== "none" || pairs.length > 0)
      .map(({ id }) => moduleText(id)),
  );
  const entries: ModuleId[] = [];
  const archived = new Set<string>();
  const emptyDirectories: string[] = [];
  const staged: string[] = [];
  for (const name of directories(layout.dkmsTree)) {
    const directory = packageDirectory(layout, name);
    if (listEntries(directory).length === 0) emptyDirectories.push(directory);
    for (const version of directories(directory)) {
      if (version === "original_module") continue;
      const module = { name, version } as ModuleId;
      if (!registered.has(moduleText(module)) && isEmptyEntry(join(directory, version))) entries.push(module);
      if (listDirectory(join(directory, version, "tarball")).length > 0) archived.add(moduleText(module));
      for (const release of directories(join(directory, version))) {
        if (entryDirectories.has(release)) continue;
        const inner = join(directory, version, release);
        staged.push(
          ...listDirectory(inner)
            .filter(isStaged)
            .map((file) => join(inner, file)),
        );
      }
    }
  }
  return { entries, archived, emptyDirectories, staged };
}

/** Nothing in it is a source or looks like a result; what a killed run was assembling is none. */
function isEmptyEntry(entry: string): boolean {
  if (fileKind(join(entry, "source")) !== "none") return false;
  return directories(entry)
    .filter((name) => !entryDirectories.has(name))
    .every((name) => listDirectory(join(entry, name)).every(isStaged));
}

/** `.tmp_x86_64_AbCdEf`, and what stands beside a result while it is replaced. */
function isStaged(name: string): boolean {
  return /^\.(tmp|old|undo)_.+_[^_]+$/.test(name);
}

/** An index or empty directories, and no kernel object that the index would speak of. */
function isUntidy(directory: string): boolean {
  for (const { name } of walkFiles(directory, { skip: notModules })) {
    if (parseObjectFileName(name) !== undefined) return false;
  }
  const content = listEntries(directory).filter(({ name }) => !notModules.includes(name));
  if (content.length === 0) return listEntries(directory).length === 0;
  return content.some(
    ({ name, kind }) => indexFiles.includes(name) || (kind === "directory" && hasEmpty(directory, name)),
  );
}

/** A directory without anything in it, however deep. */
function hasEmpty(directory: string, name: string): boolean {
  const entries = listEntries(join(directory, name));
  return (
    entries.length === 0 ||
    entries.some((entry) => entry.kind === "directory" && hasEmpty(join(directory, name), entry.name))
  );
}
