/** Remembers which kernels were named as left out: hooks name each only once. */
import { leftOutFile, type Layout } from "../model/machine/layout.ts";
import type { World } from "../model/machine/world.ts";
import { writeAtomically } from "../system/writing/file-changes.ts";

/** Remembers them, and forgets those that are not there any more or belong to a package now. */
export function rememberLeftOut(layout: Layout, { kernels }: Pick<World, "kernels">, named: ReadonlySet<string>): void {
  const releases = kernels.filter(({ release, pkgbase }) => pkgbase === undefined && named.has(release));
  writeAtomically(leftOutFile(layout), releases.map(({ release }) => `${release}\n`).join(""));
}
