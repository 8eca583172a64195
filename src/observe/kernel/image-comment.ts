/** Reads what compilers have left in a kernel's image: the section `.comment` of an ELF file (elf(5)). Read as data, whoever made the file. */
import { readPart } from "../../system/files/content.ts";

/** The section's text; undefined where the file is no ELF file of 64 bits and this byte order, or has no such section. */
export function imageComment(path: string): string | undefined {
  const header = part(path, 0, 64);
  if (header.length < 64 || header.toString("latin1", 0, 6) !== "\u007fELF\u0002\u0001") return undefined;
  const entry = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  if (entry < 64 || entry > 256) return undefined;
  const sections = part(path, Number(header.readBigUInt64LE(40)), entry * count);
  const section = (index: number): { name: number; offset: number; size: number } | undefined => {
    const at = index * entry;
    if (at + 64 > sections.length) return undefined;
    const [offset, size] = [sections.readBigUInt64LE(at + 24), sections.readBigUInt64LE(at + 32)].map(Number);
    return { name: sections.readUInt32LE(at), offset: offset ?? 0, size: size ?? 0 };
  };
  const table = section(header.readUInt16LE(62));
  if (table === undefined) return undefined;
  const names = part(path, table.offset, Math.min(table.size, longest)).toString("latin1");
  for (let index = 0; index < count; index += 1) {
    const found = section(index);
    if (found === undefined || !names.startsWith(".comment\0", found.name)) continue;
    return part(path, found.offset, Math.min(found.size, longest)).toString("latin1");
  }
  return undefined;
}

/** What a file has there; nothing where its own words lead nowhere. */
function part(path: string, offset: number, length: number): Buffer {
  const isPlace = Number.isSafeInteger(offset) && length > 0;
  return (isPlace ? readPart(path, offset, length) : undefined) ?? Buffer.alloc(0);
}

/** Bytes of names or comments that are looked at. */
const longest = 1024 ** 2;
