/** Reads what is in an initramfs image, in whatever way it was made: every image is one or more cpio archives, the last one mostly compressed. */
import type { ImageState } from "../../model/boot/facts.ts";
import { DkmsError } from "../../model/errors.ts";
import { withTemporaryFile } from "../../system/temporary.ts";
import { readPart } from "../../system/files/content.ts";
import { mayAccess, targetFacts } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { parseListing } from "./listing.ts";
import { readSections, sectionOf } from "./sections.ts";

/** A file in an image. */
interface ImageMember {
  readonly path: string;
  /** Where its bytes are; undefined for one in the compressed part. */
  readonly plain: { readonly offset: number; readonly size: number } | undefined;
}

/** What an image holds, and each kernel object in it by the key of its name. */
export type ReadImage =
  | Exclude<ImageState, { kind: "listed" }>
  | (Extract<ImageState, { kind: "listed" }> & { readonly members: ReadonlyMap<string, ImageMember> });

/** Lists an image, or the one in a Unified Kernel Image. bsdtar decompresses it to its end, so an image that is cut off is found out. */
export async function readImageFile(path: string): Promise<ReadImage> {
  try {
    const facts = targetFacts(path);
    if (facts === undefined) return { kind: "absent" };
    if (!mayAccess(path, "read")) return { kind: "unread", why: `this user may not read ${path}` };
    if (facts.size === 0) return { kind: "damaged", why: "it is empty" };
    const listing = await withImage(path, listArchives);
    if (listing.kind !== "members") return listing;
    const { members } = listing;
    const { objects, releases } = parseListing(members.map(({ path: file }) => file).join("\n"));
    return {
      kind: "listed",
      writtenAt: facts.modified,
      objects,
      releases: releases.size > 0 ? releases : await boosterReleases(path, members),
      same: new Set(),
      uncompared: new Set(),
      members: new Map(members.flatMap((one) => [...parseListing(one.path).objects].map((key) => [key, one]))),
    };
  } catch (error) {
    if (error instanceof DkmsError) return { kind: "unread", why: error.message };
    throw error;
  }
}

/** The kernel of booster's image is in the settings of its init, in YAML: `kernel: 6.6.2-arch1-1`. */
async function boosterReleases(path: string, members: readonly ImageMember[]): Promise<ReadonlySet<string>> {
  const settings = members.find((member) => /^(\.?\/)?etc\/booster\.init\.yaml$/.test(member.path));
  const text = settings === undefined ? undefined : await readFromImage(path, settings);
  const release = /^kernel: "?([^"\s]+)/m.exec(text?.toString("utf8") ?? "")?.[1];
  return new Set(release === undefined ? [] : [release]);
}

/** The bytes of a file in an image; undefined when they cannot be had. An empty file is a link to another one. */
export async function readFromImage(path: string, wanted: ImageMember): Promise<Buffer | undefined> {
  const { plain } = wanted;
  return withImage(path, async (image) => {
    if (plain !== undefined) return plain.size === 0 ? undefined : readPart(image, plain.offset, plain.size);
    const start = compressedStart(image);
    if (start.kind !== "compressed") return undefined;
    const argv = ["bsdtar", "-xOf", "-", wanted.path] as const;
    const { status, stdout } = await run(argv, {
      inputFile: { path: image, offset: start.offset },
      encoding: "latin1",
      timeoutSeconds: 60,
    });
    return status === 0 && stdout !== "" ? Buffer.from(stdout, "latin1") : undefined;
  });
}

type Listing =
  | { readonly kind: "members"; readonly members: readonly ImageMember[] }
  | Extract<ImageState, { kind: "damaged" | "unread" }>;

/** The image of a Unified Kernel Image is copied out of it: bsdtar would read on into the next section. */
async function withImage<T>(path: string, use: (image: string) => Promise<T>): Promise<T> {
  const section = sectionOf(readSections(path) ?? [], ".initrd");
  if (section === undefined) return use(path);
  return withTemporaryFile("initrd", readPart(path, section.offset, section.size) ?? Buffer.alloc(0), use);
}

async function listArchives(image: string): Promise<Listing> {
  const start = compressedStart(image);
  if (start.kind === "damaged") return start;
  if (start.kind === "end") {
    const { members } = start;
    const isWhole = members.some(({ path }) => !/^(\.\/)?(\.|early_cpio|kernel(\/.*)?)$/.test(path));
    return isWhole ? { kind: "members", members } : { kind: "damaged", why: "it holds nothing but microcode" };
  }
  const { status, stdout, stderr } = await run(["bsdtar", "-tf", "-"], {
    inputFile: { path: image, offset: start.offset },
    environment: { LC_ALL: "C.UTF-8" },
    timeoutSeconds: 60,
  });
  if (status === 127) return { kind: "unread", why: "bsdtar is not installed, which reads images" };
  if (status === 0) {
    const compressed = stdout.split("\n").map((path): ImageMember => ({ path, plain: undefined }));
    return { kind: "members", members: [...start.members, ...compressed] };
  }
  const said =
    stderr
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^bsdtar: /, "") ?? "";
  return { kind: "damaged", why: `it cannot be read to its end${said === "" ? "" : ` (${said})`}` };
}

type Start =
  | { readonly kind: "compressed"; readonly offset: number; readonly members: readonly ImageMember[] }
  | { readonly kind: "end"; readonly members: readonly ImageMember[] }
  | Extract<ImageState, { kind: "damaged" }>;

/**
 * Goes through the plain cpio archives at the beginning (microcode, compressed modules) to where
 * something else begins. A member of the format `newc` has a header of 110 bytes, see cpio(5), then
 * its name and its bytes, each filled up to a multiple of four; between archives there may be zeros.
 */
function compressedStart(image: string): Start {
  const members: ImageMember[] = [];
  const size = targetFacts(image)?.size ?? 0;
  let offset = 0;
  let isInside = false;
  while (offset < size) {
    const header = readPart(image, offset, 110) ?? Buffer.alloc(0);
    const magic = header.toString("latin1", 0, 6);
    if (magic !== "070701" && magic !== "070702") {
      if (isInside) return { kind: "damaged", why: "an archive in it is cut off, or damaged" };
      if (header[0] !== 0) return { kind: "compressed", offset, members };
      const zeros = readPart(image, offset, 4096) ?? Buffer.alloc(0);
      const end = zeros.findIndex((byte) => byte !== 0);
      offset += end < 0 ? zeros.length : end;
      continue;
    }
    if (header.length < 110) return { kind: "damaged", why: "it is cut off" };
    const [bytes, nameLength] = [hexadecimal(header, 54), hexadecimal(header, 94)];
    const name =
      readPart(image, offset + 110, nameLength)
        ?.toString("utf8")
        .replace(/\0+$/, "") ?? "";
    const start = offset + padded(110 + nameLength);
    // The last archive need not be filled up.
    if (start + bytes > padded(size)) return { kind: "damaged", why: "it is cut off" };
    isInside = name !== "TRAILER!!!";
    if (isInside) members.push({ path: name, plain: { offset: start, size: bytes } });
    offset = padded(start + bytes);
  }
  return isInside ? { kind: "damaged", why: "it is cut off" } : { kind: "end", members };
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

function hexadecimal(header: Buffer, at: number): number {
  return Number.parseInt(header.toString("latin1", at, at + 8), 16) || 0;
}
