/** Waits until the disk has a whole directory. */
import { join } from "node:path";
import { syncDirectory } from "./durable-files.ts";
import { listEntries } from "../files/files.ts";

/** Syncs every file and directory below a path; links are not followed. */
export function syncTree(directory: string): void {
  for (const { name, kind } of listEntries(directory)) {
    const path = join(directory, name);
    if (kind === "directory") syncTree(path);
    // What holds for a directory holds for a file: it is opened for reading and synced.
    else if (kind === "file") syncDirectory(path);
  }
  syncDirectory(directory);
}
