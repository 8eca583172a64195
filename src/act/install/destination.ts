/** The directory that an object is installed to, looked at before anything changes: root writes there, so it has to be what it seems to be. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { objectFileNames } from "../../model/kernel-object.ts";
import { stagedName } from "../../system/writing/durable-files.ts";
import { fileKind } from "../../system/files/files.ts";

/**
 * The absolute path of a location in a kernel's directory. The kernel's directory itself may be reached by links (`/lib/modules`); below it every part
 * must be a real directory or not exist yet, and nothing but files and links may have the object's name. Throws `install-failed`.
 */
export function checkDestination(kernelDirectory: string, location: string, name: string): string {
  let path = kernelDirectory;
  for (const part of location.split("/")) {
    path = join(path, part);
    const kind = fileKind(path);
    if (kind === "none") break;
    if (kind !== "directory")
      throw refusal(path, kind === "link" ? "is a link, and may lead anywhere" : "is no directory");
  }
  const directory = join(kernelDirectory, location);
  for (const fileName of objectFileNames(name)) {
    checkReplaceable(join(directory, fileName));
    checkReplaceable(stagedName(join(directory, fileName)));
  }
  return directory;
}

/** Whether a path is free, or holds a file or link that can be replaced by renaming; throws `install-failed`. */
export function checkReplaceable(path: string): void {
  const kind = fileKind(path);
  if (kind === "directory" || kind === "other") throw refusal(path, "stands where a file of ours should be");
}

function refusal(path: string, why: string): DkmsError {
  return new DkmsError("install-failed", `Nothing is installed: ${path} ${why}.`, {
    path,
    hint: `Look at it, and move it out of the way: ls -ld ${path}`,
  });
}
