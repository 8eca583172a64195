/** Cleans up after a removed kernel: what depmod has written there, and empty directories. */
import { join } from "node:path";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import { indexFiles } from "../../model/kernel/index-files.ts";
import type { KernelId } from "../../model/pair.ts";
import { notModules } from "../../observe/kernel/compression.ts";
import { readKernel } from "../../observe/kernel/kernels.ts";
import { removeFile, removeIfEmpty } from "../../system/writing/file-changes.ts";
import { removeEmptyTree } from "../../system/writing/empty-trees.ts";
import { fileKind, listEntries } from "../../system/files/files.ts";
import { walkFiles } from "../../system/files/walk.ts";
import { discardKeptIndex } from "./kept-index.ts";

/**
 * Removes depmod's files and empty directories from a kernel's directory that has neither `kernel/` nor `modules.order`, and the directory itself
 * when that leaves it empty. The index stays as long as a module does that it speaks of. Tells whether the directory was removed.
 */
export function tidyKernel(layout: Layout, kernel: KernelId): "removed" | "kept" {
  const directory = kernelDirectory(layout, kernel.release);
  const { modules } = readKernel(layout, kernel);
  if (modules === "absent") return "removed";
  if (modules === "present" || fileKind(directory) !== "directory") return "kept";
  for (const { name, kind } of listEntries(directory)) {
    // Headers that are still installed may own empty directories.
    if (kind === "directory" && !notModules.includes(name)) removeEmptyTree(join(directory, name));
  }
  if (!hasModules(directory)) for (const name of indexFiles) removeFile(join(directory, name));
  clearUnfinishedIndex(directory);
  discardKeptIndex(directory);
  return removeIfEmpty(directory) ? "removed" : "kept";
}

/** depmod writes `modules.dep.PID.MICROSECONDS.SECONDS` and renames it; one that was killed leaves such a file behind. */
export function clearUnfinishedIndex(directory: string): void {
  for (const { name } of listEntries(directory)) {
    if (/^modules\.[a-z.]+\.\d+\.\d+\.\d+$/.test(name)) removeFile(join(directory, name));
  }
}

function hasModules(directory: string): boolean {
  for (const { name } of walkFiles(directory, { skip: notModules }))
    if (parseObjectFileName(name) !== undefined) return true;
  return false;
}
