/** Finds module sources below the source tree and learns which module each is: by the link of a registered module, else by its evaluated dkms.conf. */
import { join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { DkmsError } from "../../model/errors.ts";
import { nameFault } from "../../model/names.ts";
import type { Module } from "../../model/machine/world.ts";
import { listEntries, realPath, targetKind } from "../../system/files/files.ts";
import { noteUnexpected } from "../../system/files/unexpected.ts";

/** A directory below the source tree with a dkms.conf in it. */
export interface SourceDirectory {
  /** Its name below the source tree, `zfs-2.2.2`. */
  readonly name: string;
  readonly path: string;
}

/** Every directory below the source tree that holds a dkms.conf, sorted by name. One that this user may not look into is noted and left out. */
export function sourceDirectories(layout: Layout): readonly SourceDirectory[] {
  return listEntries(layout.sourceTree)
    .filter(({ name, kind }) => (kind === "directory" || kind === "link") && nameFault(name) === undefined)
    .map(({ name }) => ({ name, path: join(layout.sourceTree, name) }))
    .filter(({ path }) => holdsConf(path));
}

function holdsConf(directory: string): boolean {
  try {
    return targetKind(join(directory, "dkms.conf")) === "file";
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    noteUnexpected(`${directory} is left out: ${error.message}`);
    return false;
  }
}

/** The source directories that no registered module links to. */
export function unclaimedSources(layout: Layout, modules: readonly Module[]): readonly SourceDirectory[] {
  const claimed = new Set<string>();
  for (const module of modules) {
    claimed.add(module.source);
    const real = module.sourcePresent ? realPath(module.source) : undefined;
    if (real !== undefined) claimed.add(real);
  }
  return sourceDirectories(layout).filter(({ path }) => !claimed.has(path) && !claimed.has(realPath(path) ?? path));
}
