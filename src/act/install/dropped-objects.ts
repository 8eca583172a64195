/** Objects that other versions of a package, or earlier builds of this one, have installed, and that the version that has just become active has not. */
import { packageDirectory } from "../../model/machine/layout.ts";
import { nameFault, type ModuleVersion } from "../../model/names.ts";
import { sameModule, type Pair } from "../../model/pair.ts";
import { builtNames } from "../../observe/objects/object-files.ts";
import { listEntries } from "../../system/files/files.ts";
import { discardOriginals, isRestorable, restoreOriginals, type OriginalsPlace } from "./originals.ts";
import type { PlaceOrder } from "./place-order.ts";
import { removeObjects } from "./remove-objects.ts";

/**
 * Removes them and returns their paths; the kernel's own modules that they stood in for come back. `previous` is the version that was active before. The
 * results of all versions are looked at: a run that was killed after the active link had been changed does not know any more which one was before.
 */
export async function removeDropped(
  order: PlaceOrder,
  place: OriginalsPlace,
  previous: Pair | undefined,
): Promise<readonly string[]> {
  const { layout, scheme, objects, pair, formerObjects = [], tell } = order;
  const wanted = new Set(objects.map(({ destName }) => destName));
  const removed: string[] = [];
  const dropped = new Set<string>();
  for (const owner of [pair, ...otherVersions(order)]) {
    const isSelf = owner === pair;
    const names = (isSelf ? formerObjects : builtNames(layout, owner)).filter((name) => !wanted.has(name));
    if (names.length === 0) continue;
    for (const name of names) dropped.add(name);
    const wasActive = isSelf || (previous !== undefined && sameModule(previous.module, owner.module));
    const likeness = wasActive ? "version" : "bytes";
    const leaving = names.map((destName) => ({ destName }));
    removed.push(...(await removeObjects({ layout, pair: owner, scheme, objects: leaving, likeness })).removed);
  }
  if (dropped.size === 0) return removed;
  restoreOriginals(place, (name) => dropped.has(name), tell);
  discardOriginals(place, (stored) => dropped.has(stored.name) && isRestorable(place, stored));
  return removed;
}

/** Other versions of the package, as pairs for the same kernel. */
function otherVersions({ layout, pair }: PlaceOrder): readonly Pair[] {
  return listEntries(packageDirectory(layout, pair.module.name))
    .filter(({ name, kind }) => kind === "directory" && nameFault(name) === undefined && name !== pair.module.version)
    .map(({ name }): Pair => ({
      module: { name: pair.module.name, version: name as ModuleVersion },
      kernel: pair.kernel,
    }));
}
