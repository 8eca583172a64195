/** Copies of single files to places of our own. */
import { dirname } from "node:path";
import { copyAtomically, makeDirectory } from "./file-changes.ts";

/** Copies a file, making the directories that its new path needs. */
export function copyFileInto(from: string, to: string): void {
  makeDirectory(dirname(to));
  copyAtomically(from, to);
}
