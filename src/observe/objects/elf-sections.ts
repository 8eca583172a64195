/** Sections of plain kernel objects, read where they lie: an object with its debug information may have a hundred megabytes. */
import { DkmsError } from "../../model/errors.ts";
import { readPart } from "../../system/files/content.ts";

/** Where the fields of the tables stand, for objects of 32 and of 64 bits; see elf(5). */
const shapes = {
  narrow: { header: 52, tableAt: 32, counts: 46, entry: 40, offset: 16, size: 20 },
  wide: { header: 64, tableAt: 40, counts: 58, entry: 64, offset: 24, size: 32 },
} as const;

/** What is read at once: most objects are no longer. */
export const firstBytes = 65_536;

/** A section of more bytes is none that a kernel object has. */
const longestSection = 16 * 1024 ** 2;

/**
 * The bytes of a section of a plain ELF file, or undefined where the file is none, has no such section or cannot be read. `first` are the first
 * `firstBytes` of the file, for callers that have read them.
 */
export function readElfSection(
  path: string,
  wanted: string,
  first: Buffer | undefined = readPart(path, 0, firstBytes),
): Buffer | undefined {
  try {
    return find(path, wanted, first);
  } catch (error) {
    // What a damaged header says leads out of its tables.
    if (error instanceof RangeError || error instanceof DkmsError) return undefined;
    throw error;
  }
}

function find(path: string, wanted: string, header: Buffer | undefined): Buffer | undefined {
  if (header === undefined || header.length < shapes.wide.header) return undefined;
  const part = (offset: number, size: number): Buffer | undefined =>
    offset + size <= header.length ? header.subarray(offset, offset + size) : readPart(path, offset, size);
  if (header.toString("latin1", 0, 4) !== "\u007fELF") return undefined;
  const isWide = header[4] === 2;
  const isBig = header[5] === 2;
  const shape = isWide ? shapes.wide : shapes.narrow;
  const short = (from: Buffer, at: number): number => (isBig ? from.readUInt16BE(at) : from.readUInt16LE(at));
  const long = (from: Buffer, at: number): number => (isBig ? from.readUInt32BE(at) : from.readUInt32LE(at));
  const word = (from: Buffer, at: number): number =>
    isWide ? Number(isBig ? from.readBigUInt64BE(at) : from.readBigUInt64LE(at)) : long(from, at);
  const [entry, count, namesIndex] = [0, 2, 4].map((skip) => short(header, shape.counts + skip));
  if (entry !== shape.entry || count === undefined || namesIndex === undefined) return undefined;
  const table = part(word(header, shape.tableAt), entry * count) ?? Buffer.alloc(0);
  const content = (index: number): Buffer | undefined => {
    const size = word(table, index * entry + shape.size);
    return size > longestSection ? undefined : part(word(table, index * entry + shape.offset), size);
  };
  const names = content(namesIndex);
  if (names === undefined) return undefined;
  for (let index = 0; index < count; index += 1) {
    const start = long(table, index * entry);
    if (names.toString("latin1", start, start + wanted.length + 1) === `${wanted}\0`) return content(index);
  }
  return undefined;
}
