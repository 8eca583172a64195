/** Whether an installed object belongs to another package of the dkms tree: two packages may bring objects of one name. */
import type { Layout } from "../../model/machine/layout.ts";
import type { ModuleName } from "../../model/names.ts";
import type { Pair } from "../../model/pair.ts";
import { listEntries } from "../../system/files/files.ts";
import { readActive } from "../tree/tree.ts";
import { builtObjects, objectFiles } from "./object-files.ts";

/** The pair of another package that is active for the pair's kernel and has built an object of this name; undefined when none has. */
export function otherOwner(layout: Layout, pair: Pair, name: string): Pair | undefined {
  for (const entry of listEntries(layout.dkmsTree)) {
    if (entry.kind !== "directory" || entry.name === pair.module.name) continue;
    const active = readActive(layout, entry.name as ModuleName, pair.kernel);
    if (active === undefined) continue;
    if (objectFiles(builtObjects(layout, active), name).length > 0) return active;
  }
  return undefined;
}
