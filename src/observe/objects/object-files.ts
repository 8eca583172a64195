/** Finds the files of a kernel object: the built one in its result directory, and the installed ones that belong to it. */
import { join } from "node:path";
import type { LocationScheme } from "../../model/settings/install-location.ts";
import { possibleLocations } from "../../model/settings/install-location.ts";
import { objectFileNames, parseObjectFileName, type Suffix, type WantedObject } from "../../model/kernel-object.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { resultDirectory } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import { sameContent } from "../../system/files/content.ts";
import { fileKind, listDirectory, targetKind } from "../../system/files/files.ts";
import type { KernelSearch } from "../kernel/kernel-search.ts";
import { readModuleInfo } from "./module-info.ts";

/** `<dkms_tree>/M/V/K/A/module`, where the built objects of a pair are. */
export function builtObjects(layout: Layout, pair: Pair): string {
  return `${resultDirectory(layout, pair)}/module`;
}

/** The names of the objects in a pair's result. */
export function builtNames(layout: Layout, pair: Pair): readonly string[] {
  return listDirectory(builtObjects(layout, pair)).flatMap((fileName) => parseObjectFileName(fileName)?.name ?? []);
}

/** The file of an object in a directory, `NAME.ko` before `NAME.ko` and the suffix; undefined when neither is there. */
export function objectFile(directory: string, name: string, suffix: Suffix): string | undefined {
  const names = suffix === "" ? [`${name}.ko`] : [`${name}.ko`, `${name}.ko${suffix}`];
  return names.map((fileName) => join(directory, fileName)).find((path) => targetKind(path) === "file");
}

/** The files and links in a directory that have the name of an object, whatever their suffix. */
export function objectFiles(directory: string, name: string): readonly string[] {
  return objectFileNames(name)
    .map((fileName) => join(directory, fileName))
    .filter((path) => ["file", "link"].includes(fileKind(path)));
}

/** An object whose installed files are looked for. */
export interface OwnObject {
  readonly kernelDirectory: string;
  readonly scheme: LocationScheme;
  readonly object: WantedObject;
  /** The directory that its built file is in, or was. */
  readonly built: string;
  readonly search: KernelSearch;
  /** What makes a file at the object's first location its own: `version`, that of the built one, or nothing less than its bytes. */
  readonly likeness: "version" | "bytes";
}

/**
 * The installed files of an object that are a module's own: those at its first location with the bytes of the built one or (it was built anew, or removed)
 * with its version; those at its other location, where the kernel may have a module of its own, only with these very bytes.
 * Where nothing is found like that, every file in the kernel's directory with these bytes.
 */
export async function ownFiles(own: OwnObject): Promise<readonly string[]> {
  const { kernelDirectory, scheme, object, built, search, likeness } = own;
  const builtFile = objectFiles(built, object.destName)[0];
  const owned: string[] = [];
  for (const [index, location] of possibleLocations(scheme, object).entries()) {
    for (const file of objectFiles(join(kernelDirectory, location), object.destName)) {
      const isSame = builtFile !== undefined && sameContent(file, builtFile);
      if (isSame || (likeness === "version" && index === 0 && (await mayBeOwn(file, builtFile)))) owned.push(file);
    }
  }
  if (owned.length > 0 || builtFile === undefined) return owned;
  const found = search.find(object.destName).map((path) => join(kernelDirectory, path));
  return found.filter((file) => sameContent(file, builtFile));
}

/** A file is somebody else's only when both can be read and their versions differ: what a full disk has cut short is to go as well. */
async function mayBeOwn(file: string, builtFile: string | undefined): Promise<boolean> {
  if (builtFile === undefined) return true;
  const [installed, built] = await Promise.all([readModuleInfo(file), readModuleInfo(builtFile)]);
  return installed === undefined || built === undefined || installed.version === built.version;
}
