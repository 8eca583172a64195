/** Installs a pair's built objects: everything is prepared beside its place first, and only then renamed into it. */
import { dirname } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { activeLink, activeLinkText, kernelDirectory } from "../../model/machine/layout.ts";
import { kernelHasModule } from "../../model/machine/own-module.ts";
import { moduleText, pairWords, type Pair } from "../../model/pair.ts";
import { readActive } from "../../observe/tree/tree.ts";
import { objectFiles } from "../../observe/objects/object-files.ts";
import { copyDurably, makeLink, stagedName, syncDirectory } from "../../system/writing/durable-files.ts";
import { makeDirectory, removeEmptyUpTo, removeFile, rename } from "../../system/writing/file-changes.ts";
import { sameContent } from "../../system/files/content.ts";
import { fileKind } from "../../system/files/files.ts";
import { selectObjects, type Candidate, type Selection } from "./candidates.ts";
import { checkReplaceable } from "./destination.ts";
import {
  clearOrigins,
  clearUnfinishedOriginals,
  discardOriginals,
  storeOriginal,
  type OriginalsPlace,
} from "./originals.ts";
import type { Placement, PlaceOrder } from "./place-order.ts";
import { removeDropped } from "./dropped-objects.ts";
import { forgetCopies, refreshCopy } from "./other-packages.ts";

/**
 * Installs a pair and makes it the active version of its package for its kernel. Whatever fails, the kernel keeps the objects that it had; killed at any point,
 * a second run comes to the same end. Throws `kernel-missing`, `kernel-has-module` (the kernel's own objects are all newer or the same), `install-refused`
 * (no object may be installed, for other reasons), `install-failed`, `file-failed`.
 */
export async function placePair(order: PlaceOrder): Promise<Placement> {
  const { layout, pair, tell } = order;
  const previous = readActive(layout, pair.module.name, pair.kernel);
  const { accepted, refused, held } = await selectObjects(order, previous);
  if (accepted.length === 0 && refused.length > held.length) throw refusal(pair, refused, previous);
  for (const { name, why } of refused) {
    tell({ kind: "note", level: "warning", text: `${name}.ko of ${pairWords(pair)} is not installed: ${why}.` });
  }
  const place: OriginalsPlace = { layout, pair, kernelDirectory: kernelDirectory(layout, pair.kernel.release) };
  // Nothing waits between here and the last rename: other pairs of this kernel, at work meanwhile, could take empty directories away.
  const archived = replaceAll(order, place, accepted);
  for (const { name, owner } of accepted) {
    if (owner === undefined) continue;
    const text = `${name}.ko of ${pairWords(pair)} takes the place of that of ${moduleText(owner.module)}, which is kept as its original.`;
    tell({ kind: "note", level: "message", text });
  }
  // What they keep of the version before is no longer to come back.
  if (previous !== undefined && accepted.some(({ owner }) => owner !== undefined)) forgetCopies(layout, previous);
  for (const object of held) refreshCopy(layout, object);
  const installed = accepted.map(({ path }) => path);
  const removed = [
    ...clearOrigins(place, installed),
    ...removeOtherForms(accepted),
    ...(await removeDropped(order, place, previous)),
  ];
  return { installed, refused, archived, removed };
}

function refusal(pair: Pair, refused: Selection["refused"], previous: Pair | undefined): DkmsError {
  const reasons = refused.map(({ name, why }) => `${name}.ko: ${why}`);
  const rivals = refused.flatMap(({ rival }) => rival ?? []);
  // While an earlier version of ours is installed, that one is loaded, not the kernel's own.
  if (previous === undefined && rivals.length === refused.length) return kernelHasModule(pair, rivals, reasons);
  return new DkmsError("install-refused", `${pairWords(pair)} is not installed: ${reasons.join("; ")}.`, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
    hint: `Install it anyway: dkms install --force ${moduleText(pair.module)} -k ${pair.kernel.release}`,
  });
}

/** Puts originals away, objects into their places and the active link on this version; returns the originals' paths. */
function replaceAll(order: PlaceOrder, place: OriginalsPlace, accepted: readonly Candidate[]): readonly string[] {
  const { layout, pair, options } = order;
  const link = activeLink(layout, pair.module.name, pair.kernel);
  const stagedLink = stagedName(link);
  for (const path of [link, stagedLink]) checkReplaceable(path);
  const staged: string[] = [];
  const madeDirectories: string[] = [];
  const archived: string[] = [];
  try {
    clearUnfinishedOriginals(place);
    for (const { name, original } of accepted) {
      if (original !== undefined && storeOriginal(place, name, original) === "stored") archived.push(original);
    }
    for (const { built, path } of accepted) {
      const directory = dirname(path);
      if (fileKind(directory) === "none") madeDirectories.push(directory);
      makeDirectory(directory);
      staged.push(stagedName(path));
      if (options.objects === "linked") makeLink(built, stagedName(path));
      else copyDurably(built, stagedName(path), 0o644);
    }
    makeLink(activeLinkText(pair), stagedLink);
    for (const { path } of accepted) rename(stagedName(path), path);
    for (const directory of new Set(accepted.map(({ path }) => dirname(path)))) syncDirectory(directory);
    // Last of all: the link states that the objects are there.
    rename(stagedLink, link);
    syncDirectory(dirname(link));
    return archived;
  } catch (error) {
    quietly(() => {
      for (const path of [...staged, stagedLink]) removeFile(path);
      for (const directory of madeDirectories) removeEmptyUpTo(directory, place.kernelDirectory);
      discardOriginals(place, ({ origin, file }) => archived.includes(origin ?? "") && sameContent(origin ?? "", file));
    });
    throw error;
  }
}

/** Clears up after a failure: that one is the error to report. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // What stays behind has names that nobody reads, and the next run replaces it.
  }
}

/** Files of the same objects with another suffix: depmod would find two of each. */
function removeOtherForms(accepted: readonly Candidate[]): readonly string[] {
  const others = accepted.flatMap(({ name, path }) => objectFiles(dirname(path), name).filter((file) => file !== path));
  for (const file of others) removeFile(file);
  return others;
}
