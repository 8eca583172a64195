/** Whether an installed object belongs to another package of the dkms tree: two packages may bring objects of one name. */
import { basename } from "node:path";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { ModuleName } from "../../model/names.ts";
import type { Pair } from "../../model/pair.ts";
import { sameContent } from "../../system/files/content.ts";
import { listEntries } from "../../system/files/files.ts";
import { readActive } from "../tree/tree.ts";
import { builtObjects, objectFiles } from "./object-files.ts";

/** The pair of another package that is active for the pair's kernel and has built an object of this name; undefined when none has. */
export function otherOwner(layout: Layout, pair: Pair, name: string): Pair | undefined {
  return otherOwners(layout, pair, name)[0];
}

/** The pair of another package whose very object a file of the kernel's directory is: it has taken the place of this pair's, or was there before. */
export function displacingOwner(layout: Layout, pair: Pair, file: string): Pair | undefined {
  const name = parseObjectFileName(basename(file))?.name;
  if (name === undefined) return undefined;
  return otherOwners(layout, pair, name).find((owner) =>
    objectFiles(builtObjects(layout, owner), name).some((theirs) => sameContent(theirs, file)),
  );
}

function otherOwners(layout: Layout, pair: Pair, name: string): readonly Pair[] {
  const owners: Pair[] = [];
  for (const entry of listEntries(layout.dkmsTree)) {
    if (entry.kind !== "directory" || entry.name === pair.module.name) continue;
    const active = readActive(layout, entry.name as ModuleName, pair.kernel);
    if (active === undefined) continue;
    if (objectFiles(builtObjects(layout, active), name).length > 0) owners.push(active);
  }
  return owners;
}
