/** Reads the release out of a kernel file as boot loaders start it, and whether all of it is there. */
import { gunzipSync } from "node:zlib";
import type { KernelFileState } from "../../model/boot/facts.ts";
import { DkmsError } from "../../model/errors.ts";
import { readBytes, readPart } from "../../system/files/content.ts";
import { targetFacts } from "../../system/files/files.ts";
import { readSections, sectionOf, type Section } from "./sections.ts";

const bannerStart = "Linux version ";

/**
 * Reads it. Formats: bzImage (the kernel's documentation, x86/boot.rst: version string and sizes in the setup header), Unified Kernel Images (the UAPI
 * group's specification: `.uname`, else the kernel in `.linux`), arm64's Image and Image.gz (arm64/booting.rst; the release stands in the banner).
 */
export function readKernelFile(path: string): KernelFileState {
  try {
    const facts = targetFacts(path);
    if (facts === undefined) return { kind: "absent" };
    return readAt(path, { offset: 0, size: facts.size }, facts.size);
  } catch (error) {
    if (error instanceof DkmsError) return { kind: "unknown", why: `${path} could not be read: ${error.message}` };
    throw error;
  }
}

/** `fileSize`: how much there is to read; a part of it may be what is asked about. */
function readAt(path: string, { offset, size }: Pick<Section, "offset" | "size">, fileSize: number): KernelFileState {
  if (offset === 0 && fileSize === 0) return { kind: "damaged", why: "it is empty" };
  const head = readPart(path, offset, 0x10000) ?? Buffer.alloc(0);
  if (head.toString("latin1", 0x202, 0x206) === "HdrS") return readBzImage(head, Math.min(size, fileSize - offset));
  if (head.toString("latin1", 0x38, 0x3c) === "ARM\u0064") return readBanner(path, fileSize);
  if (head[0] === 0x1f && head[1] === 0x8b) return readGzipped(path);
  const sections = readSections(path);
  if (sections === undefined) {
    // A kernel's setup code alone is longer.
    if (size < 0x400) return { kind: "damaged", why: `it is cut off: it has ${size} bytes` };
    return { kind: "unknown", why: `the format of ${path} does not tell its kernel release` };
  }
  return readUnified(path, sections, fileSize);
}

/** The setup header: sectors of setup code at 0x1f1, paragraphs of the rest at 0x1f4, the version's place less 0x200 at 0x20e. */
function readBzImage(head: Buffer, size: number): KernelFileState {
  const setupSectors = head[0x1f1] === 0 ? 4 : (head[0x1f1] ?? 4);
  const whole = (setupSectors + 1) * 512 + head.readUInt32LE(0x1f4) * 16;
  if (size < whole) return { kind: "damaged", why: `it is cut off: ${size} of ${whole} bytes are there` };
  const at = head.readUInt16LE(0x20e) + 0x200;
  const end = head.indexOf(0, at);
  const release = head.toString("latin1", at, end < 0 ? at : end).split(" ", 1)[0] ?? "";
  return named(release, "its header names no kernel release");
}

function readUnified(path: string, sections: readonly Section[], fileSize: number): KernelFileState {
  const missing = sections.find(({ offset, size }) => offset + size > fileSize);
  if (missing !== undefined) {
    return { kind: "damaged", why: `it is cut off: its section ${missing.name} is not whole` };
  }
  const uname = sectionOf(sections, ".uname");
  if (uname !== undefined) {
    const text = readPart(path, uname.offset, Math.min(uname.size, 256))?.toString("latin1") ?? "";
    return named(text.split("\0", 1)[0]?.trim() ?? "", "its section .uname is empty");
  }
  const linux = sectionOf(sections, ".linux");
  return linux === undefined ? readBanner(path, fileSize) : readAt(path, linux, fileSize);
}

/** `Linux version 6.6.1-arch1-1 (user@host) ...` stands in every kernel that is not compressed. */
function readBanner(path: string, fileSize: number): KernelFileState {
  const sections = readSections(path) ?? [];
  const isCut = sections.some(({ offset, size }) => offset + size > fileSize);
  if (isCut) return { kind: "damaged", why: "it is cut off" };
  return bannerIn(readBytes(path) ?? Buffer.alloc(0));
}

function readGzipped(path: string): KernelFileState {
  const bytes = readBytes(path) ?? Buffer.alloc(0);
  try {
    return bannerIn(gunzipSync(bytes));
  } catch {
    return { kind: "damaged", why: "it is cut off, or damaged: it cannot be decompressed" };
  }
}

function bannerIn(bytes: Buffer): KernelFileState {
  const at = bytes.indexOf(bannerStart);
  const text = at < 0 ? "" : bytes.toString("latin1", at + bannerStart.length, at + bannerStart.length + 200);
  return named(text.split(/[ \n\0]/, 1)[0] ?? "", "no kernel release stands in it");
}

function named(release: string, otherwise: string): KernelFileState {
  return /^\d+\.\d+/.test(release) ? { kind: "release", release } : { kind: "unknown", why: otherwise };
}
