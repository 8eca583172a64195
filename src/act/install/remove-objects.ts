/** Removes a pair's installed objects from its kernel's directory, and the directories that this leaves empty. */
import { dirname, join } from "node:path";
import type { LocationScheme } from "../../model/settings/install-location.ts";
import { possibleLocations } from "../../model/settings/install-location.ts";
import { objectFileNames, type WantedObject } from "../../model/kernel-object.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import { searchKernel } from "../../observe/kernel/kernel-search.ts";
import { builtObjects, objectFiles, ownFiles, type OwnObject } from "../../observe/objects/object-files.ts";
import { otherOwner } from "../../observe/objects/other-owner.ts";
import { stagedName } from "../../system/writing/durable-files.ts";
import { removeEmptyUpTo, removeFile } from "../../system/writing/file-changes.ts";
import { sameContent } from "../../system/files/content.ts";
import { fileKind, realPath } from "../../system/files/files.ts";

/** Whose objects are removed, and how sure it has to be that a file is one of them. */
export interface RemovalOrder {
  readonly layout: Layout;
  readonly pair: Pair;
  readonly scheme: LocationScheme;
  readonly objects: readonly WantedObject[];
  readonly likeness: OwnObject["likeness"];
}

/** Removes the files of objects, and what an interrupted run has left beside them; files that another package has put there stay. */
export async function removeObjects(
  order: RemovalOrder,
): Promise<{ readonly removed: readonly string[]; readonly notFound: readonly string[] }> {
  const { layout, pair, scheme, objects, likeness } = order;
  const directory = kernelDirectory(layout, pair.kernel.release);
  const search = searchKernel(directory);
  const built = builtObjects(layout, pair);
  const removed: string[] = [];
  const notFound: string[] = [];
  for (const object of objects) {
    // Where another package has an object of this name, only the very bytes of ours tell whose a file is; with the same bytes it is the other's.
    const rival = otherOwner(layout, pair, object.destName);
    const theirs = rival === undefined ? [] : objectFiles(builtObjects(layout, rival), object.destName);
    const own: OwnObject = {
      kernelDirectory: directory,
      scheme,
      object,
      built,
      search,
      likeness: rival === undefined ? likeness : "bytes",
    };
    const files = (await ownFiles(own))
      .filter((file) => liesWithin(file, directory))
      .filter((file) => !theirs.some((other) => sameContent(file, other)));
    for (const file of files) removeFile(file);
    for (const file of [...files, ...leftovers(directory, scheme, object)]) {
      removeFile(file);
      removeEmptyUpTo(dirname(file), directory);
    }
    removed.push(...files);
    if (files.length === 0) notFound.push(object.destName);
  }
  return { removed, notFound };
}

/** Temporary files of a run that was killed; where it had come to removing directories, what stands above these may be empty as well. */
function leftovers(directory: string, scheme: LocationScheme, object: WantedObject): readonly string[] {
  return possibleLocations(scheme, object)
    .flatMap((location) => objectFileNames(object.destName).map((name) => stagedName(join(directory, location, name))))
    .filter((file) => liesWithin(file, directory));
}

/** A link in the kernel's directory may lead anywhere: nothing is removed there. */
function liesWithin(file: string, directory: string): boolean {
  const root = realPath(directory);
  let above = dirname(file);
  while (fileKind(above) === "none" && above.startsWith(`${directory}/`)) above = dirname(above);
  const parent = realPath(above);
  return root !== undefined && parent !== undefined && `${parent}/`.startsWith(`${root}/`);
}
