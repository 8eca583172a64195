/** Reads what a kernel loads of a module: sections and relocations of a 64-bit little-endian ELF object, elf(5). */
import { createHash } from "node:crypto";

interface Section {
  readonly name: string;
  readonly type: number;
  readonly isLoaded: boolean;
  /** Index of the table that it refers to, and of the section that it is about. */
  readonly link: number;
  readonly about: number;
  readonly bytes: Buffer;
  readonly size: number;
}

/** SHF_ALLOC: the section is in memory when the object is loaded. */
const allocated = 2n;
/** SHT_RELA; SHT_NOBITS, which takes no bytes of the file. */
const [relocations, noBits] = [4, 8];
/** STT_SECTION: the symbol has no name and stands for its section. */
const sectionSymbol = 3;

/** Names of all sections. */
export function sectionNames(object: Buffer): readonly string[] {
  return sectionsOf(object).map(({ name }) => name);
}

/**
 * What a kernel loads, a line for each section: its name, its size, and a digest of its bytes, or of its relocations with their symbols by name. Without
 * the build id, which is a digest of all that the linker was given, debug information included. The table of symbol versions is looked through from one
 * end to the other, and modpost writes it in the order of the symbol table: its records are compared as a set.
 */
export function loadedSections(object: Buffer): readonly string[] {
  const sections = sectionsOf(object);
  return sections
    .filter(({ name }) => name !== ".note.gnu.build-id")
    .flatMap((section) => {
      const { name, type, size, isLoaded } = section;
      if (type === relocations && sections[section.about]?.isLoaded === true) {
        return [`${name} ${size} ${digest(relocationsOf(section, sections).join("\n"))}`];
      }
      if (!isLoaded) return [];
      return [
        `${name} ${size} ${digest(name === "__versions" ? records(section.bytes, 64).join("\n") : section.bytes)}`,
      ];
    });
}

/** Records of a table, as texts in order. */
function records(bytes: Buffer, size: number): readonly string[] {
  const count = bytes.length / size;
  return Array.from({ length: count }, (_, index) =>
    bytes.toString("hex", index * size, (index + 1) * size),
  ).toSorted();
}

/** `OFFSET TYPE SYMBOL ADDEND` of each. */
function relocationsOf({ bytes, link }: Section, sections: readonly Section[]): readonly string[] {
  const symbols = sections[link];
  const names = sections[symbols?.link ?? 0];
  if (symbols === undefined || names === undefined) throw new Error("relocations without symbols");
  return Array.from({ length: bytes.length / 24 }, (_, index) => {
    const [offset, type] = [bytes.readBigUInt64LE(index * 24), bytes.readUInt32LE(index * 24 + 8)];
    const at = bytes.readUInt32LE(index * 24 + 12) * 24;
    const isSection = (symbols.bytes.readUInt8(at + 4) & 0xf) === sectionSymbol;
    const name = isSection
      ? (sections[symbols.bytes.readUInt16LE(at + 6)]?.name ?? "")
      : text(names.bytes, symbols.bytes.readUInt32LE(at));
    return `${offset} ${type} ${name} ${bytes.readBigInt64LE(index * 24 + 16)}`;
  });
}

function sectionsOf(object: Buffer): readonly Section[] {
  if (object.toString("latin1", 1, 4) !== "ELF") throw new Error("no ELF object");
  const start = Number(object.readBigUInt64LE(0x28));
  const [entry, count, names] = [object.readUInt16LE(0x3a), object.readUInt16LE(0x3c), object.readUInt16LE(0x3e)];
  const field = (index: number, at: number): number => Number(object.readBigUInt64LE(start + index * entry + at));
  const nameTable = object.subarray(field(names, 0x18));
  return Array.from({ length: count }, (_, index) => {
    const header = start + index * entry;
    const type = object.readUInt32LE(header + 4);
    const [offset, size] = [field(index, 0x18), field(index, 0x20)];
    return {
      name: text(nameTable, object.readUInt32LE(header)),
      type,
      isLoaded: (object.readBigUInt64LE(header + 8) & allocated) !== 0n,
      link: object.readUInt32LE(header + 0x28),
      about: object.readUInt32LE(header + 0x2c),
      bytes: type === noBits ? Buffer.alloc(0) : object.subarray(offset, offset + size),
      size,
    };
  });
}

function text(table: Buffer, at: number): string {
  return table.toString("latin1", at, table.indexOf(0, at));
}

function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
