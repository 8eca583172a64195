/** Files that a process was writing when it was killed: the name that each of ours has until it is finished tells them. */
import { join } from "node:path";
import { removeFile } from "./file-changes.ts";
import { listEntries } from "../files/files.ts";

/** Removes those in a directory, or those of them that were to get a certain name. */
export function clearUnfinishedFiles(directory: string, isMeant: (name: string) => boolean = () => true): void {
  for (const { name, kind } of listEntries(directory)) {
    const meant = finalName(name);
    if (kind !== "directory" && meant !== undefined && isMeant(meant)) removeFile(join(directory, name));
  }
}

/** The name that a file was to get, empty when its own does not tell; undefined for a finished one. */
function finalName(name: string): string | undefined {
  if (/^\.\d+-\d+\.dkms-new$/.test(name)) return "";
  return /^\.(.+)\.\d+\.\d+\.tmp$/.exec(name)?.[1] ?? /^(.+)\.dkms-new$/.exec(name)?.[1];
}
