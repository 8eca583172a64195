/** Reads which modules packages bring to kernels ready-made. */
import { join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import type { KernelId } from "../../model/pair.ts";
import { noteName, parseNote, supplyDirectory, supplyKey, type Supply } from "../../model/packaging/supply.ts";
import { listDirectory, readText, targetKind } from "../../system/files/files.ts";

/** The supplies of some kernels by `supplyKey`. One that is not for its kernel, or of which an object is missing, is none: then the module is not there. */
export function readSupplies(layout: Layout, kernels: readonly KernelId[]): ReadonlyMap<string, Supply> {
  const found = new Map<string, Supply>();
  for (const kernel of kernels) {
    const directory = supplyDirectory(layout, kernel.release);
    for (const name of listDirectory(directory)) {
      if (!name.endsWith(".json")) continue;
      const supply = parseNote(readText(join(directory, name)) ?? "");
      if (supply === undefined || name !== noteName(supply.pair.module.name)) continue;
      if (supply.pair.kernel.release !== kernel.release || supply.pair.kernel.arch !== kernel.arch) continue;
      const isThere = supply.objects.every((object) => targetKind(join(directory, object)) === "file");
      if (isThere) found.set(supplyKey(supply.pair.module.name, kernel), supply);
    }
  }
  return found;
}
