/** Whether an installed object belongs to another package of the dkms tree: two packages may bring objects of one name. */
import { basename, join } from "node:path";
import { parseObjectFileName, type WantedObject } from "../../model/kernel-object.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { ModuleName } from "../../model/names.ts";
import type { Pair } from "../../model/pair.ts";
import { possibleLocations, type LocationScheme } from "../../model/settings/install-location.ts";
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

/** The file that stands in the place of a pair's object and is another package's, newer or the same; undefined when there is none. */
export function displacingFile(
  { layout, scheme }: { readonly layout: Layout; readonly scheme: LocationScheme },
  pair: Pair,
  object: WantedObject,
): string | undefined {
  const directory = kernelDirectory(layout, pair.kernel.release);
  return possibleLocations(scheme, object)
    .flatMap((location) => objectFiles(join(directory, location), object.destName))
    .find((file) => displacingOwner(layout, pair, file) !== undefined);
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
