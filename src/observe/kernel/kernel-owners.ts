/** Which packages kernels come from where they have no `pkgbase` file, as with Arch Linux ARM's: pacman's database tells. */
import { kernelDirectory, leftOutFile, type Layout } from "../../model/machine/layout.ts";
import type { Kernel } from "../../model/machine/world.ts";
import { readText } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { fileOwners } from "../pacman/file-owners.ts";

/** The kernels, each with the package that owns it. Of those in `known` it is known already that none does. */
export async function withOwners(
  layout: Layout,
  kernels: readonly Kernel[],
  known: ReadonlySet<string> = new Set(),
): Promise<readonly Kernel[]> {
  const open = kernels.filter(
    ({ pkgbase, modules, release }) => pkgbase === undefined && modules === "present" && !known.has(release),
  );
  if (open.length === 0) return kernels;
  const owners = await fileOwners(open.map((kernel) => ownerMark(layout, kernel)));
  return kernels.map((kernel) =>
    open.includes(kernel) ? { ...kernel, pkgbase: owners.get(ownerMark(layout, kernel)) } : kernel,
  );
}

/** A path of a kernel that its package owns, and that nobody else puts there. */
export function ownerMark(layout: Layout, { release }: Kernel): string {
  const directory = kernelDirectory(layout, release);
  const files = ["pkgbase", "modules.order"].map((name) => `${directory}/${name}`);
  return files.find((path) => targetKind(path) === "file") ?? `${directory}/kernel/`;
}

/** Releases of kernels that no package owned when hooks left them out, and that have been named to the user. */
export function readLeftOut(layout: Layout): ReadonlySet<string> {
  return new Set((readText(leftOutFile(layout)) ?? "").split("\n").filter((release) => release !== ""));
}
