/** Which version of a package is active for a kernel, by its link in the dkms tree. */
import { basename, dirname, resolve } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { activeLink, packageDirectory, resultDirectory } from "../../model/machine/layout.ts";
import { nameFault, type ModuleVersion } from "../../model/names.ts";
import type { KernelId, Pair } from "../../model/pair.ts";
import { readLink, realPath } from "../../system/files/files.ts";

/** The pair that the active link names, though its result may be gone; undefined when there is no link, or one that names no version. */
export function readActive(layout: Layout, name: Pair["module"]["name"], kernel: KernelId): Pair | undefined {
  const link = activeLink(layout, name, kernel);
  const text = readLink(link);
  if (text === undefined) return undefined;
  const version = basename(dirname(dirname(text)));
  if (nameFault(version) !== undefined) return undefined;
  const pair: Pair = { module: { name, version: version as ModuleVersion }, kernel };
  const named = resolve(packageDirectory(layout, name), text);
  const isOurs = named === resultDirectory(layout, pair) || realPath(named) === realPath(resultDirectory(layout, pair));
  return isOurs ? pair : undefined;
}
