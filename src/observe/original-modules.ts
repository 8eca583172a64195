/** The modules that were in a kernel's directory before ours: copies in the dkms tree, each with a file that says where it came from. */
import { join } from "node:path";
import { parseObjectFileName } from "../model/kernel-object.ts";
import type { Layout } from "../model/layout.ts";
import { originalDirectory } from "../model/layout.ts";
import type { KernelId } from "../model/pair.ts";
import { listEntries, readText } from "../system/files.ts";

/** One copy. */
export interface StoredOriginal {
  readonly name: string;
  readonly file: string;
  /** The absolute path that it had, as it was written down; undefined for copies of dkms before 3.1, which wrote none. */
  readonly origin: string | undefined;
}

/** The copies of a package's originals for a kernel. */
export function readOriginals(layout: Layout, packageName: string, kernel: KernelId): readonly StoredOriginal[] {
  const directory = originalDirectory(layout, packageName, kernel);
  return listEntries(directory).flatMap(({ name: fileName, kind }) => {
    const name = parseObjectFileName(fileName)?.name;
    if (name === undefined || kind !== "file") return [];
    const file = join(directory, fileName);
    return [{ name, file, origin: readText(`${file}.origin`)?.trimEnd() }];
  });
}
