/** Finds kernel objects by name anywhere in a kernel's directory: one walk for all names, and none when nobody asks. */
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { walkFiles, type WalkedFile } from "../../system/files/walk.ts";
import { notModules } from "./compression.ts";

/** Files of a name, as paths relative to the kernel's directory, in the order of the walk. */
export interface KernelSearch {
  find(name: string): readonly string[];
}

/** Where a module that replaces another one is looked for first, as the reference does. */
const searchedFirst: readonly string[] = ["extra", "updates", "kernel"];

/** A search of one kernel's directory; it sees the directory as it is when it is asked for the first time. */
export function searchKernel(kernelDirectory: string): KernelSearch {
  let found: ReadonlyMap<string, readonly string[]> | undefined;
  return {
    find(name) {
      found ??= collect(walkFiles(kernelDirectory, { first: searchedFirst, skip: notModules }));
      return found.get(name) ?? [];
    },
  };
}

function collect(files: Iterable<WalkedFile>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { directory, name: fileName } of files) {
    const name = parseObjectFileName(fileName)?.name;
    if (name === undefined) continue;
    const path = directory === "" ? fileName : `${directory}/${fileName}`;
    const others = found.get(name);
    if (others === undefined) found.set(name, [path]);
    else others.push(path);
  }
  return found;
}
