/** Sections of PE files, which EFI programs are: Unified Kernel Images, and kernels with an EFI stub. */
import { readPart } from "../../system/files/content.ts";

/** One section. */
export interface Section {
  readonly name: string;
  /** Where its bytes begin in the file. */
  readonly offset: number;
  /** Its bytes in the file. */
  readonly size: number;
}

/** The section table of a PE file, as Microsoft's PE format has it; undefined when the file is none. */
export function readSections(path: string): readonly Section[] | undefined {
  const start = readPart(path, 0, 0x40);
  if (start === undefined || start.length < 0x40 || start.toString("latin1", 0, 2) !== "MZ") return undefined;
  const header = readPart(path, start.readUInt32LE(0x3c), 24);
  if (header === undefined || header.length < 24 || header.toString("latin1", 0, 4) !== "PE\0\0") return undefined;
  const count = header.readUInt16LE(6);
  const tableAt = start.readUInt32LE(0x3c) + 24 + header.readUInt16LE(20);
  const table = readPart(path, tableAt, Math.min(count, 96) * 40) ?? Buffer.alloc(0);
  const sections: Section[] = [];
  for (let at = 0; at + 40 <= table.length; at += 40) {
    const [virtualSize, rawSize] = [table.readUInt32LE(at + 8), table.readUInt32LE(at + 16)];
    sections.push({
      name: table.toString("latin1", at, at + 8).replace(/\0+$/, ""),
      offset: table.readUInt32LE(at + 20),
      // In the file a section is filled up to a multiple of the alignment; what it holds is the shorter one.
      size: virtualSize === 0 ? rawSize : Math.min(virtualSize, rawSize),
    });
  }
  return sections;
}

/** The section of a name, or undefined. */
export function sectionOf(sections: readonly Section[], name: string): Section | undefined {
  return sections.find((section) => section.name === name);
}
