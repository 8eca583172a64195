/** Uninstalls a pair: its objects leave the kernel's directory, the kernel's own modules come back. */
import type { WantedObject } from "../../model/kernel-object.ts";
import { activeLink, kernelDirectory } from "../../model/machine/layout.ts";
import { sameModule } from "../../model/pair.ts";
import { readActive } from "../../observe/tree/tree.ts";
import { readKernel } from "../../observe/kernel/kernels.ts";
import { builtNames } from "../../observe/objects/object-files.ts";
import { stagedName } from "../../system/writing/durable-files.ts";
import { removeFile } from "../../system/writing/file-changes.ts";
import { discardOriginals, isRestorable, restoreOriginals, type OriginalsPlace } from "./originals.ts";
import { forgetCopies } from "./other-packages.ts";
import type { Withdrawal, WithdrawOrder } from "./place-order.ts";
import { removeObjects } from "./remove-objects.ts";

/**
 * Uninstalls a pair. The active link goes when the objects are removed, and the copies of the kernel's own modules after it, so that a run that was killed
 * anywhere is finished by the next. For a pair that is not active it only finishes such a run: it removes objects with the very bytes of the built ones;
 * while another version of the package is active, those alone that this version has not. Throws `file-failed`.
 */
export async function withdrawPair(order: WithdrawOrder): Promise<Withdrawal> {
  const { layout, pair, scheme, tell } = order;
  const active = readActive(layout, pair.module.name, pair.kernel);
  const isActive = active !== undefined && sameModule(active.module, pair.module);
  const theirs = new Set(active === undefined || isActive ? [] : builtNames(layout, active));
  const objects = knownObjects(order).filter(({ destName }) => !theirs.has(destName));
  const likeness = isActive ? "version" : "bytes";
  if (active === undefined || isActive) forgetCopies(layout, pair);
  const { removed, notFound } = await removeObjects({ layout, pair, scheme, objects, likeness });
  const place: OriginalsPlace = { layout, pair, kernelDirectory: kernelDirectory(layout, pair.kernel.release) };
  const isKernelThere = readKernel(layout, pair.kernel).modules === "present";
  const restored = isKernelThere ? restoreOriginals(place, (name) => !theirs.has(name), tell) : [];
  if (active === undefined || isActive) {
    const link = activeLink(layout, pair.module.name, pair.kernel);
    removeFile(stagedName(link));
    removeFile(link);
  }
  discardOriginals(place, (stored) => !theirs.has(stored.name) && (!isKernelThere || isRestorable(place, stored)));
  return { removed, restored, notFound: isActive ? notFound : [] };
}

/** The objects of the conf, and those of other names that were built or installed: the conf may have changed since. */
function knownObjects({ layout, pair, objects = [], formerObjects = [] }: WithdrawOrder): readonly WantedObject[] {
  const known = new Map<string, WantedObject>();
  for (const destName of [...formerObjects, ...builtNames(layout, pair)]) known.set(destName, { destName });
  for (const object of objects) known.set(object.destName, object);
  return [...known.values()];
}
