/** Lists what the cache of results holds. */
import { join } from "node:path";
import type { CachedResult } from "../../model/health/cached-results.ts";
import { fileFacts, listEntries, listTree } from "../../system/files/files.ts";

/** The finished entries below a directory. */
export function readCachedResults(directory: string): readonly CachedResult[] {
  return directoriesIn(directory)
    .filter((name) => !name.startsWith("."))
    .map((name) => {
      const path = join(directory, name);
      const files = listTree(path).filter(({ kind }) => kind === "file");
      const size = files.reduce((sum, file) => sum + (fileFacts(join(path, file.path))?.size ?? 0), 0);
      return { path, size, used: fileFacts(path)?.modified ?? 0n };
    });
}

/** Entries that are being made, or that a killed run was making. */
export function readUnfinishedResults(directory: string): readonly string[] {
  return directoriesIn(directory)
    .filter((name) => name.startsWith(".new-"))
    .map((name) => join(directory, name));
}

function directoriesIn(directory: string): readonly string[] {
  return listEntries(directory)
    .filter(({ kind }) => kind === "directory")
    .map(({ name }) => name);
}
