/** Objects that several packages bring under one name: the newer one stands in the kernel's directory, the other is kept as its original. */
import { basename, dirname, join } from "node:path";
import { kernelDirectory, originalDirectory, type Layout } from "../../model/machine/layout.ts";
import type { ModuleName } from "../../model/names.ts";
import type { Pair } from "../../model/pair.ts";
import { builtObjects, objectFiles } from "../../observe/objects/object-files.ts";
import { readOriginals, type StoredOriginal } from "../../observe/tree/original-modules.ts";
import { replaceDurably } from "../../system/writing/durable-files.ts";
import { writeAtomically } from "../../system/writing/file-changes.ts";
import { sameContent } from "../../system/files/content.ts";
import { listEntries } from "../../system/files/files.ts";
import { discardOriginals } from "./originals.ts";

/**
 * Removes the copies that other packages keep of a pair's objects as what was there before theirs: the pair leaves the kernel, and must not come back
 * when they do.
 */
export function forgetCopies(layout: Layout, pair: Pair): void {
  for (const entry of listEntries(layout.dkmsTree)) {
    if (entry.kind !== "directory" || entry.name.startsWith(".") || entry.name === pair.module.name) continue;
    const other: Pair = { ...pair, module: { ...pair.module, name: entry.name as ModuleName } };
    const isOurs = ({ name, file }: StoredOriginal): boolean =>
      objectFiles(builtObjects(layout, pair), name).some((built) => sameContent(built, file));
    if (!readOriginals(layout, other.module.name, pair.kernel).some(isOurs)) continue;
    const place = { layout, pair: other, kernelDirectory: kernelDirectory(layout, pair.kernel.release) };
    discardOriginals(place, isOurs);
  }
}

/** A built object whose place another package holds. */
export interface Held {
  readonly name: string;
  readonly built: string;
  readonly path: string;
  readonly owner: Pair;
}

/** Has a package that holds an object's place keep the object as it is now: that one comes back when the package leaves. */
export function refreshCopy(layout: Layout, { name, built, path, owner }: Held): void {
  const stored = readOriginals(layout, owner.module.name, owner.kernel).filter((original) => original.name === name);
  // What came from elsewhere is the kernel's own module.
  const copies = stored.filter(({ origin }) => origin !== undefined && dirname(origin) === dirname(path));
  if (stored.length > copies.length) return;
  const copy = join(originalDirectory(layout, owner.module.name, owner.kernel), basename(path));
  writeAtomically(`${copy}.origin`, `${path}\n`);
  replaceDurably(built, copy, 0o644);
  const place = { layout, pair: owner, kernelDirectory: kernelDirectory(layout, owner.kernel.release) };
  discardOriginals(place, ({ file }) => file !== copy && copies.some((other) => other.file === file));
}
