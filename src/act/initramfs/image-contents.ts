/** What is in an initramfs image, as its generator lists it. */
import { run } from "../../system/process/processes.ts";
import type { ImageGenerator } from "./generator.ts";

/** An image, as far as modules go. */
export interface ImageContents {
  /** Names of kernel objects without `.ko`, with `_` for `-`, since generators write either. */
  readonly objects: ReadonlySet<string>;
  /** Kernels of which it has modules. */
  readonly releases: ReadonlySet<string>;
}

/** Lists an image; undefined when that cannot be done. */
export async function readImage(generator: ImageGenerator, image: string): Promise<ImageContents | undefined> {
  const { status, stdout } = await run(generator.lister(image), { environment: { LC_ALL: "C" } });
  return status === 0 ? parseListing(stdout) : undefined;
}

/** Reads a listing: plain paths, or lines of `ls -l` with the path at their end. */
export function parseListing(listing: string): ImageContents {
  const objects = new Set<string>();
  const releases = new Set<string>();
  for (const line of listing.split("\n")) {
    const release = /(?:^|[\s/])lib\/modules\/([^/\s]+)/.exec(line)?.[1];
    if (release !== undefined) releases.add(release);
    const object = /([^/\s]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(line)?.[1];
    if (object !== undefined) objects.add(objectName(object));
  }
  return { objects, releases };
}

/** Modules of an image with none of their objects in it. One is enough: nobody boots from all objects of a module. */
export function lackingModules(contents: ImageContents, modules: readonly ImageModule[]): readonly ImageModule[] {
  return modules.filter(({ objects }) => !objects.some((name) => contents.objects.has(objectName(name))));
}

/** A module and the names of its objects. */
export interface ImageModule {
  /** `zfs/2.2.2` */
  readonly module: string;
  readonly objects: readonly string[];
}

function objectName(name: string): string {
  return name.replaceAll("-", "_");
}
