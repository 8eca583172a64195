/** What is in an initramfs image, as its generator lists it. */
import { readImageFile } from "../../observe/boot/image-file.ts";
import { parseListing, type ImageContents } from "../../observe/boot/listing.ts";
import { run } from "../../system/process/processes.ts";
import type { ImageGenerator } from "./generator.ts";
import { objectKey } from "../../model/kernel-object.ts";

/** Lists an image; undefined when that cannot be done. */
export async function readImage(generator: ImageGenerator, image: string): Promise<ImageContents | undefined> {
  const { status, stdout } = await run(generator.lister(image), { environment: { LC_ALL: "C" } });
  if (status !== 0) return undefined;
  const contents = parseListing(stdout);
  if (contents.releases.size > 0) return contents;
  // The list of booster does not name the kernel, a file in its image does.
  const read = await readImageFile(image);
  return read.kind === "listed" ? { ...contents, releases: read.releases } : contents;
}

/** Modules of an image with none of their objects in it. One is enough: nobody boots from all objects of a module. */
export function lackingModules(contents: ImageContents, modules: readonly ImageModule[]): readonly ImageModule[] {
  return modules.filter(({ objects }) => !objects.some((name) => contents.objects.has(objectKey(name))));
}

/** A module and the names of its objects. */
export interface ImageModule {
  /** `zfs/2.2.2` */
  readonly module: string;
  readonly objects: readonly string[];
}
