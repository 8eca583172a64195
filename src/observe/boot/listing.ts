/** Which modules are in an initramfs image, by the names of the files in it. */
import { objectKey } from "../../model/kernel-object.ts";

/** An image, as far as modules go. */
export interface ImageContents {
  /** Names of kernel objects without `.ko`, with `_` for `-`, since generators write either. */
  readonly objects: ReadonlySet<string>;
  /** Kernels of which it has modules; booster puts modules beside each other, below no kernel's directory. */
  readonly releases: ReadonlySet<string>;
}

/** Reads a listing: plain paths, or lines of `ls -l` with the path at their end. */
export function parseListing(listing: string): ImageContents {
  const objects = new Set<string>();
  const releases = new Set<string>();
  for (const line of listing.split("\n")) {
    // No path is longer: see PATH_MAX in linux/limits.h.
    if (line.length > 8192) continue;
    const release = /(?:^|[\s/])lib\/modules\/([^/\s]+)\//.exec(line)?.[1];
    if (release !== undefined) releases.add(release);
    const object = /([^/\s]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(line)?.[1];
    if (object !== undefined) objects.add(objectKey(object));
  }
  return { objects, releases };
}
