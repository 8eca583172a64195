/** Keeps a kernel's own modules safe while ours stand in for them, and puts them back. */
import { basename, dirname, join, normalize } from "node:path";
import { objectFileNames } from "../../model/kernel-object.ts";
import { originalDirectory, packageDirectory, type Layout } from "../../model/machine/layout.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { Pair } from "../../model/pair.ts";
import { readOriginals, type StoredOriginal } from "../../observe/tree/original-modules.ts";
import { replaceDurably, syncDirectory } from "../../system/writing/durable-files.ts";
import { makeDirectory, removeEmptyUpTo, removeFile, writeAtomically } from "../../system/writing/file-changes.ts";
import { sameContent } from "../../system/files/content.ts";
import { fileKind, listEntries, realPath } from "../../system/files/files.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";

/** A copy of ours and everything that handles it needs to know of where it is. */
export interface OriginalsPlace {
  readonly layout: Layout;
  readonly pair: Pair;
  readonly kernelDirectory: string;
}

/**
 * Copies a kernel's own module into the dkms tree, unless one of its name is there already: that one is the true original, left by a run that was
 * interrupted. Where it came from is written first, so that no copy is ever without it.
 */
export function storeOriginal(
  { layout, pair }: OriginalsPlace,
  name: string,
  path: string,
): "stored" | "already-there" {
  const { module, kernel } = pair;
  if (readOriginals(layout, module.name, kernel).some((stored) => stored.name === name)) return "already-there";
  const copy = join(originalDirectory(layout, module.name, kernel), basename(path));
  const changed = changedDirectories(copy);
  writeAtomically(`${copy}.origin`, `${path}\n`);
  replaceDurably(path, copy, 0o644);
  for (const directory of changed) syncDirectory(directory);
  return "stored";
}

/** The directories that get a new name when a file is put at a path: its own, and those above that are not there yet. One of the two copies has to outlive a power cut. */
function changedDirectories(path: string): readonly string[] {
  const changed = [dirname(path)];
  for (let at = dirname(path); fileKind(at) === "none"; at = dirname(at)) changed.push(dirname(at));
  return changed;
}

/** Removes the modules that have been copied from where they were, as far as they are still the same and ours does not stand there; returns their paths. */
export function clearOrigins(place: OriginalsPlace, ours: readonly string[]): readonly string[] {
  const { layout, pair } = place;
  const kept = new Set(ours.map(canonical));
  const removed: string[] = [];
  for (const { origin, file } of readOriginals(layout, pair.module.name, pair.kernel)) {
    if (origin === undefined || kept.has(canonical(origin)) || !isWithin(place, origin) || !sameContent(origin, file))
      continue;
    removeFile(origin);
    removed.push(origin);
  }
  return removed;
}

/**
 * Puts originals back for which `isWanted` holds; returns the paths. A kernel that has got a module of that name meanwhile (it was upgraded) keeps it.
 * The copies stay until `discardOriginals`: whoever is interrupted in between can do it again.
 */
export function restoreOriginals(
  place: OriginalsPlace,
  isWanted: (name: string) => boolean,
  tell: (event: Event) => void,
): readonly string[] {
  const restored: string[] = [];
  for (const stored of readOriginals(place.layout, place.pair.module.name, place.pair.kernel)) {
    if (!isWanted(stored.name)) continue;
    const path = stored.origin;
    if (path === undefined || !isWithin(place, path)) {
      const text = `${stored.file} is not put back: nothing says where below ${place.kernelDirectory} it was.`;
      tell({ kind: "note", level: "warning", text });
      continue;
    }
    const changed = changedDirectories(path);
    if (!standsThere(path, stored.name)) {
      makeDirectory(dirname(path));
      replaceDurably(stored.file, path, 0o644);
      restored.push(path);
    }
    for (const directory of changed) syncDirectory(directory);
  }
  return restored;
}

/** Removes copies for which `isDone` holds, what interrupted runs have left beside them, and the directories that this leaves empty. */
export function discardOriginals({ layout, pair }: OriginalsPlace, isDone: (stored: StoredOriginal) => boolean): void {
  const directory = originalDirectory(layout, pair.module.name, pair.kernel);
  // Where it came from goes last: a copy without it could not be put back.
  for (const stored of readOriginals(layout, pair.module.name, pair.kernel)) {
    if (isDone(stored)) removeFile(stored.file);
  }
  for (const { name, kind } of listEntries(directory)) {
    if (kind !== "directory" && isLeftover(directory, name)) removeFile(join(directory, name));
  }
  removeEmptyUpTo(directory, packageDirectory(layout, pair.module.name));
}

/** Removes copies that a killed run was writing. */
export function clearUnfinishedOriginals({ layout, pair }: OriginalsPlace): void {
  clearUnfinishedFiles(originalDirectory(layout, pair.module.name, pair.kernel));
}

/** Where a copy came from that is not there, and files that were being written. */
function isLeftover(directory: string, name: string): boolean {
  if (name.endsWith(".origin")) return fileKind(join(directory, name.slice(0, -".origin".length))) === "none";
  return name.endsWith(".dkms-new") || (name.startsWith(".") && name.endsWith(".tmp"));
}

/** Whether a copy can be put back; the others are kept, for they may be the last. */
export function isRestorable(place: OriginalsPlace, stored: StoredOriginal): boolean {
  return stored.origin !== undefined && isWithin(place, stored.origin);
}

/** A path by which the same place is always known, whatever links lead to its directory. */
function canonical(path: string): string {
  return join(realPath(dirname(path)) ?? dirname(path), basename(path));
}

function standsThere(path: string, name: string): boolean {
  return objectFileNames(name).some((fileName) => fileKind(join(dirname(path), fileName)) !== "none");
}

/** The path leads below the kernel's directory, whichever way that one is reached (`/lib/modules`, `/usr/lib/modules`), with no detours. */
function isWithin({ kernelDirectory }: OriginalsPlace, path: string): boolean {
  if (!path.startsWith("/") || normalize(path) !== path) return false;
  const root = realPath(kernelDirectory);
  if (root === undefined) return false;
  let existing = dirname(path);
  while (fileKind(existing) === "none" && existing !== "/") existing = dirname(existing);
  const real = realPath(existing);
  if (real === undefined) return false;
  return `${real}${dirname(path).slice(existing.length)}/`.startsWith(`${root}/`);
}
