/** Writes a kernel's initramfs image anew; a good image never gives way to a worse one. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { ImageContents } from "../../observe/boot/listing.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import { makeDirectory, removeFile, removeTree, rename } from "../../system/writing/file-changes.ts";
import { sameContent } from "../../system/files/content.ts";
import { hasCode } from "../../system/files/errors.ts";
import { fileKind } from "../../system/files/files.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import type { ImageGenerator, ImageSubject } from "./generator.ts";
import { lackingModules, readImage, type ImageModule } from "./image-contents.ts";

/** What is to be written. */
export interface ImageOrder {
  readonly generator: ImageGenerator;
  readonly subject: ImageSubject;
  /** Installed modules that the image is written for. */
  readonly modules: readonly ImageModule[];
  /** Where old images are kept meanwhile, when the generator overwrites them. */
  readonly keep: string;
  readonly signal: AbortSignal;
}

/** What was written. */
export interface WrittenImages {
  readonly images: readonly string[];
  /** Worth a warning: what an image lacks, or that nobody could look. */
  readonly remarks: readonly string[];
}

/** Writes the image. Throws when it could not be written, or when it lacks a module that the old one has; the old image is there then. */
export async function writeImage(order: ImageOrder): Promise<WrittenImages> {
  const { generator, subject } = order;
  if (findProgram(generator.program) === undefined) {
    throw new DkmsError("tool-missing", `${generator.program} is not installed.`, {
      hint: `Install it, or delete the hook 90-${generator.program}-dkms-${subject.kernel}.hook.`,
    });
  }
  const images = await generator.images(subject);
  return generator.writing.kind === "aside" ? writeAside(order, images[0]) : writeInPlace(order, images);
}

/** Whether there is an image that this kernel can boot with; one that an earlier release has left is none. */
export async function hasImage({ generator, subject }: Pick<ImageOrder, "generator" | "subject">): Promise<boolean> {
  for (const image of await generator.images(subject)) {
    if (fileKind(image) !== "none" && isOfThisKernel(await readImage(generator, image), subject)) return true;
  }
  return false;
}

/** The new image takes the old one's place when it has been looked at. */
async function writeAside(order: ImageOrder, image: string): Promise<WrittenImages> {
  const { generator, subject } = order;
  const staged = join(dirname(image), `.${basename(image)}.dkms-new`);
  removeFile(staged);
  try {
    if (generator.writing.kind === "aside") await generate(order, generator.writing.command(subject, staged));
    if (fileKind(staged) !== "file") throw failed(order, "has written no image");
    const remarks = await inspect(order, staged, fileKind(image) === "none" ? undefined : image);
    syncDirectory(staged);
    rename(staged, image);
    syncDirectory(dirname(image));
    return { images: [image], remarks };
  } catch (error) {
    removeFile(staged);
    throw error;
  }
}

/** The generator overwrites; what was there is kept until the new images have been looked at, and comes back if need be. */
async function writeInPlace(order: ImageOrder, images: readonly string[]): Promise<WrittenImages> {
  const { generator, subject, keep } = order;
  const kept = await keepImages(order, images);
  const remarks: string[] = [];
  try {
    if (generator.writing.kind === "in-place") await generate(order, generator.writing.command(subject));
    for (const image of images) {
      if (fileKind(image) !== "file") throw failed(order, `has not written ${image}`);
      remarks.push(...(await inspect(order, image, kept.find((one) => one.image === image)?.copy)));
    }
  } catch (error) {
    const lost = await restore(order, kept);
    if (lost.length > 0) throw broken(order, lost, error);
    removeTree(keep);
    throw error;
  }
  // The new images are good, whatever becomes of the copies of the old ones.
  removeTree(keep);
  return { images, remarks };
}

/** An image and what was kept of it. */
interface KeptImage {
  readonly image: string;
  readonly copy: string;
}

type LostImage = KeptImage & { readonly why: string };

/** Keeps the images that there are. What a killed run has kept stays where the image that it left is the worse one. */
async function keepImages(order: ImageOrder, images: readonly string[]): Promise<readonly KeptImage[]> {
  makeDirectory(order.keep);
  const kept: KeptImage[] = [];
  for (const [index, image] of images.entries()) {
    const one = { image, copy: join(order.keep, `${index}-${basename(image)}`) };
    if (await isBetterCopy(order, one)) kept.push(one);
    else if (fileKind(image) === "file") {
      copyAtomically(image, one.copy);
      kept.push(one);
    }
  }
  return kept;
}

/** A copy that is listed, where the image is not, or has a module that the image lacks. */
async function isBetterCopy({ generator, subject, modules }: ImageOrder, { image, copy }: KeptImage): Promise<boolean> {
  if (fileKind(copy) !== "file") return false;
  const old = await readImage(generator, copy);
  if (old?.releases.has(subject.release) !== true) return false;
  const present = fileKind(image) === "file" ? await readImage(generator, image) : undefined;
  if (present?.releases.has(subject.release) !== true) return true;
  return lackingModules(present, modules).some((one) => lackingModules(old, [one]).length === 0);
}

/** Puts the old images back, and returns those that could not be, with the reason. */
async function restore({ generator, subject }: ImageOrder, kept: readonly KeptImage[]): Promise<readonly LostImage[]> {
  const lost: LostImage[] = [];
  for (const one of kept) {
    // An image of another kernel release would not help: then the generator's attempt is the better one.
    if (!isOfThisKernel(await readImage(generator, one.copy), subject)) continue;
    try {
      putBack(one);
    } catch (error) {
      lost.push({ ...one, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return lost;
}

function putBack({ image, copy }: KeptImage): void {
  if (sameContent(copy, image)) return;
  try {
    copyAtomically(copy, image);
  } catch (error) {
    if (!(error instanceof DkmsError) || !hasCode(error.cause, "ENOSPC", "EDQUOT")) throw error;
    // A small /boot has no space for two images: the broken one makes way. The copy is safe meanwhile.
    removeFile(image);
    copyAtomically(copy, image);
  }
  syncDirectory(dirname(image));
}

/** Seconds; generators need a minute or two, on a slow machine ten. */
const longestRun = 3600;

async function generate(order: ImageOrder, command: readonly [string, ...string[]]): Promise<void> {
  const options = { output: "inherit", signal: order.signal, timeoutSeconds: longestRun } as const;
  const { status, limit } = await run(command, options);
  if (limit !== undefined) throw failed(order, `was stopped: it ran for more than ${longestRun} seconds`);
  if (status !== 0) throw failed(order, `failed with status ${status}`);
}

/** Looks for the modules in a new image; what it lacks and the old image of the same kernel has is an error, the rest a remark. */
async function inspect(order: ImageOrder, image: string, old: string | undefined): Promise<readonly string[]> {
  const { generator, subject, modules } = order;
  const contents = await readImage(generator, image);
  if (contents === undefined) {
    return [
      `${generator.lister(image)[0]} could not read the new image of ${subject.kernel}: nobody has looked whether its modules are in it.`,
    ];
  }
  const lacking = lackingModules(contents, modules);
  if (lacking.length === 0) return [];
  const before = old === undefined ? undefined : await readImage(generator, old);
  const lost =
    before !== undefined && isOfThisKernel(before, subject)
      ? lacking.filter((one) => lackingModules(before, [one]).length === 0)
      : [];
  if (lost.length > 0) {
    throw failed(
      order,
      `has left out ${lost.map(({ module }) => module).join(", ")}, which the image that is there has`,
    );
  }
  return [
    `The image of ${subject.kernel} has nothing of ${lacking.map(({ module }) => module).join(", ")}: ${generator.program} leaves it out, see ${generator.settings}.`,
  ];
}

/** What cannot be listed is taken for good. */
function isOfThisKernel(contents: ImageContents | undefined, { release }: ImageSubject): boolean {
  return contents === undefined || contents.releases.size === 0 || contents.releases.has(release);
}

function broken({ generator, subject }: ImageOrder, lost: readonly LostImage[], cause: unknown): DkmsError {
  const first = cause instanceof DkmsError ? cause.message : `${generator.program} was not run to its end.`;
  const reasons = lost.map(({ why }) => why).join(" ");
  const commands = lost.map(({ image, copy }) => `cp ${copy} ${image}`).join(" && ");
  return new DkmsError(
    "file-failed",
    `${first} The old image could not be put back, ${subject.kernel} may not boot: ${reasons}`,
    { hint: `Free some space, and put the old image back before you reboot: ${commands}` },
    cause,
  );
}

function failed({ generator, subject }: ImageOrder, what: string): DkmsError {
  return new DkmsError(
    "script-failed",
    `${generator.program} ${what}: the initramfs of ${subject.kernel} is NOT updated.`,
    {
      hint: "The image that was there before is left as it was, with the modules that it had.",
    },
  );
}
