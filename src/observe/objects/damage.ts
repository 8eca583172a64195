/** Compares an installed pair's files with what was left there. Where nothing has been touched it costs a stat for an object. */
import { join } from "node:path";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import type { Damage } from "../../model/machine/damage.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { PlacedObject } from "../../model/machine/placed-object.ts";
import type { PairState } from "../../model/machine/world.ts";
import type { Pair } from "../../model/pair.ts";
import { usualLocation, type LocationScheme } from "../../model/settings/install-location.ts";
import { sameContent } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { identityLine, statLine } from "../../system/files/stat-index.ts";
import { searchKernel } from "../kernel/kernel-search.ts";
import { builtObjects } from "./object-files.ts";
import { displacingOwner } from "./other-owner.ts";

/** Finds the first damage of an installed pair; `placed` is what its stamp knows, if it has any. Undefined when all is in its place. */
export function findDamage(
  { layout, scheme }: { readonly layout: Layout; readonly scheme: LocationScheme },
  { pair, objects }: PairState,
  placed: readonly PlacedObject[] | undefined,
): Damage | undefined {
  const directory = kernelDirectory(layout, pair.kernel.release);
  const isKnown = placed?.every(({ path }) => path.startsWith(`${directory}/`)) === true;
  return isKnown ? first(placed, (object) => placedDamage(layout, pair, object, objects)) : unknownDamage(directory);

  /** Nothing remembers where the objects were put, as with those that the reference has installed. */
  function unknownDamage(kernel: string): Damage | undefined {
    const search = searchKernel(kernel);
    const location = usualLocation(scheme);
    return first(objects, (fileName) => {
      const built = join(builtObjects(layout, pair), fileName);
      const usual = location === undefined ? undefined : join(kernel, location, fileName);
      if (usual !== undefined && targetKind(usual) === "file") {
        const isRight = sameContent(usual, built) || displacingOwner(layout, pair, usual) !== undefined;
        return isRight ? undefined : { part: "kernel", kind: "altered", path: usual };
      }
      const name = parseObjectFileName(fileName)?.name;
      if (name === undefined || search.find(name).length > 0) return undefined;
      return { part: "kernel", kind: "missing", path: usual ?? join(kernel, fileName) };
    });
  }
}

function placedDamage(
  layout: Layout,
  pair: Pair,
  object: PlacedObject,
  objects: readonly string[],
): Damage | undefined {
  const { path, identity, builtIdentity } = object;
  const nowInstalled = identityLine(path);
  if (nowInstalled === identity && objects.includes(object.built)) return undefined;
  const built = `${builtObjects(layout, pair)}/${object.built}`;
  const nowBuilt = identityLine(built);
  if (nowBuilt === undefined) return { part: "result", kind: "missing", path: built };
  if (nowInstalled !== undefined && sameContent(path, built)) return undefined;
  // A copy of the whole tree has other inodes, and the times of the files that it was made from.
  const isResultGood = nowBuilt === builtIdentity || builtIdentity.startsWith(`${statLine(built) ?? ""} `);
  if (!isResultGood) return { part: "result", kind: "altered", path: built };
  if (nowInstalled === undefined) return { part: "kernel", kind: "missing", path };
  // Another package's newer object stands there: nobody has done any harm.
  return displacingOwner(layout, pair, path) === undefined ? { part: "kernel", kind: "altered", path } : undefined;
}

function first<T>(items: readonly T[], find: (item: T) => Damage | undefined): Damage | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
