/** Writes and removes hook files in a directory of hooks. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { readLink, realPath, targetKind } from "../../system/files/files.ts";
import { removeFile, writeAtomically } from "../../system/writing/file-changes.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";

/** What is to be done, by the names of files. */
export interface HookChanges {
  readonly writes: readonly { readonly name: string; readonly text: string }[];
  readonly removals: readonly string[];
}

/** Changes the files; returns the error of each that could not be changed, by its name. */
export function changeHookFiles({ writes, removals }: HookChanges, directory: string): ReadonlyMap<string, DkmsError> {
  const errors = new Map<string, DkmsError>();
  const attempt = (name: string, change: () => void): void => {
    try {
      change();
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      errors.set(name, error);
    }
  };
  for (const { name, text } of writes) {
    const path = destination(join(directory, name));
    attempt(name, () => {
      clearUnfinishedFiles(dirname(path), (meant) => meant === basename(path));
      writeAtomically(path, text);
    });
  }
  for (const name of removals) attempt(name, () => removeFile(join(directory, name)));
  return errors;
}

/** A hook that is kept elsewhere and linked here is changed where it is; a mask gives way to the file. */
function destination(path: string): string {
  const isLinked = readLink(path) !== undefined && targetKind(path) === "file";
  return isLinked ? (realPath(path) ?? path) : path;
}
