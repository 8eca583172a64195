/** Where kernel objects go below `<install_tree>/<release>`: each distribution has its directory, some take the one that the conf names. */
import { DkmsError } from "../errors.ts";
import type { WantedObject } from "../kernel-object.ts";

/** What decides on the directory. */
export interface LocationScheme {
  /** What os-release says of the distribution: `arch`, `debian`, `artix`. */
  readonly distribution: string;
  /** ADDON_MODULES_DIR, which wins over everything; undefined when it is not set. */
  readonly addonDirectory: string | undefined;
}

/** The only directory below a kernel's that is DKMS's alone; `extra` and `updates` are everybody's. */
export const dkmsLocation = "updates/dkms";

/** Distributions by the beginning of their name, and their directory; every other one takes DEST_MODULE_LOCATION. */
const directories: readonly (readonly [prefix: string, directory: string])[] = [
  ["debian", dkmsLocation],
  ["arch", dkmsLocation],
];

/** The directory of all objects on this machine, relative to the kernel's; undefined where each conf names its own. */
export function usualLocation(scheme: LocationScheme): string | undefined {
  if (scheme.addonDirectory !== undefined && scheme.addonDirectory !== "") return relative(scheme.addonDirectory);
  return directories.find(([prefix]) => scheme.distribution.startsWith(prefix))?.[1];
}

/** The directory that an object is installed to, relative to the kernel's; throws `conf-invalid` for a location that leaves it. */
export function installLocation(scheme: LocationScheme, object: WantedObject): string {
  return usualLocation(scheme) ?? relative(object.destLocation ?? "");
}

/**
 * The directories where an installed object may be found, the one where it is put first: other releases of dkms put it where its conf says.
 * Empty when neither distribution nor conf names one.
 */
export function possibleLocations(scheme: LocationScheme, object: WantedObject): readonly string[] {
  const usual = usualLocation(scheme);
  const declared = object.destLocation === undefined ? undefined : relative(object.destLocation);
  return [...new Set([usual, declared].filter((location) => location !== undefined))];
}

/** Where a location leads below the kernel's directory, `..` resolved; undefined for one that leads out of it, or nowhere. */
export function resolvedLocation(location: string): string | undefined {
  const parts: string[] = [];
  for (const part of location.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : parts.join("/");
}

function relative(location: string): string {
  const resolved = resolvedLocation(location);
  if (resolved !== undefined) return resolved;
  throw new DkmsError("conf-invalid", `${JSON.stringify(location)} is no place below a kernel's directory.`, {
    hint: "A location is a path such as /updates/dkms that stays below the kernel's directory.",
  });
}
