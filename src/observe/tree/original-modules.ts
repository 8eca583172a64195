/** The modules that were in a kernel's directory before ours: copies in the dkms tree, each with a file that says where it came from. */
import { join } from "node:path";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { originalDirectory, originalsDirectory } from "../../model/machine/layout.ts";
import type { KernelId, Pair } from "../../model/pair.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listEntries, targetKind } from "../../system/files/files.ts";

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

/** Which pairs have copies. Hardly any package has one at all, so that is asked first, and once. */
export class KeptOriginals {
  readonly #layout: Layout;
  readonly #packages = new Map<string, boolean>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Whether there are copies of what a pair's kernel had before it. */
  of({ module, kernel }: Pair): "kept" | "none" {
    let isPossible = this.#packages.get(module.name);
    if (isPossible === undefined) {
      isPossible = targetKind(originalsDirectory(this.#layout, module.name)) === "directory";
      this.#packages.set(module.name, isPossible);
    }
    if (!isPossible) return "none";
    return fileKind(originalDirectory(this.#layout, module.name, kernel)) === "directory" ? "kept" : "none";
  }
}
