/** Installed objects as they were put in place: as long as neither file has been touched since, nobody has to compare their bytes. */
import { basename } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import type { PlacedObject } from "../../model/machine/placed-object.ts";
import type { Pair } from "../../model/pair.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { builtObjects } from "./object-files.ts";

/** Describes files that have just been installed from a pair's result, under the names that they have there. */
export function describePlaced(layout: Layout, pair: Pair, installed: readonly string[]): readonly PlacedObject[] {
  return installed.flatMap((path): PlacedObject[] => {
    const built = basename(path);
    const builtIdentity = identityLine(`${builtObjects(layout, pair)}/${built}`);
    const identity = identityLine(path);
    return builtIdentity === undefined || identity === undefined ? [] : [{ built, builtIdentity, path, identity }];
  });
}

/** Whether both files of a placed object are the very ones that they were. */
export function isUntouched(
  layout: Layout,
  pair: Pair,
  { built, builtIdentity, path, identity }: PlacedObject,
): boolean {
  return identityLine(path) === identity && identityLine(`${builtObjects(layout, pair)}/${built}`) === builtIdentity;
}
