/** Removes directories in which nothing is. */
import { join } from "node:path";
import { fileKind, listEntries } from "../files/files.ts";
import { removeIfEmpty } from "./file-changes.ts";

/** Removes the empty directories of a tree, and itself when nothing else is in it. */
export function removeEmptyTree(directory: string): void {
  if (fileKind(directory) !== "directory") return;
  for (const { name, kind } of listEntries(directory)) if (kind === "directory") removeEmptyTree(join(directory, name));
  removeIfEmpty(directory);
}
