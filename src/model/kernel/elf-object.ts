/** Reads what a relocatable ELF file says of itself: its machine, and the fields of its section `.modinfo`. Format: elf(5); fields: modinfo(8). */

/** Gives the bytes of a file at a place; fewer where the file ends. */
export type ReadPart = (offset: number, length: number) => Uint8Array;

/** A relocatable object. */
export interface ElfObject {
  readonly bits: 32 | 64;
  readonly order: "little" | "big";
  /** `e_machine`: 62 is x86-64. */
  readonly machine: number;
  /** What `vermagic=` says; undefined for an object without it. */
  readonly vermagic: string | undefined;
}

/** Why a file is none. */
export type NoObject = "empty" | "no-elf" | "not-relocatable" | "damaged";

/** No kernel object comes near these; a file that claims more is not read. */
const mostSections = 1_000_000;
const longestTable = 64 * 1024 ** 2;

/** Takes a file apart; `size` is how many bytes it has. */
export function readElfObject(size: number, read: ReadPart): ElfObject | NoObject {
  if (size === 0) return "empty";
  const ident = read(0, 16);
  if (ident.length < 16 || Buffer.from(ident.subarray(0, 4)).toString("latin1") !== "\x7fELF") return "no-elf";
  const [bits, order] = [ident[4], ident[5]];
  if ((bits !== 1 && bits !== 2) || (order !== 1 && order !== 2)) return "damaged";
  const file = new Reader({ size, read, isWide: bits === 2, isLittle: order === 1 });
  const header = file.bytes(0, bits === 2 ? 64 : 52);
  if (header === undefined) return "damaged";
  if (file.number(header, 16, 2) !== 1) return "not-relocatable";
  const machine = file.number(header, 18, 2);
  const information = modinfo(file, header);
  if (information === undefined) return "damaged";
  const vermagic = information.find((field) => field.startsWith("vermagic="))?.slice("vermagic=".length);
  return { bits: bits === 2 ? 64 : 32, order: order === 1 ? "little" : "big", machine, vermagic };
}

interface Section {
  readonly name: number;
  readonly offset: number;
  readonly length: number;
  readonly link: number;
}

/** The fields of `.modinfo`, none where there is no such section; undefined for a table that leads nowhere. */
function modinfo(file: Reader, header: Uint8Array): readonly string[] | undefined {
  const place = file.number(header, file.wide(40, 32), file.wide(8, 4));
  if (place === 0) return [];
  const entry = file.number(header, file.wide(58, 46), 2);
  if (entry !== file.wide(64, 40)) return undefined;
  const first = file.section(place, entry, 0);
  if (first === undefined) return undefined;
  // Counts that do not fit into the header are in the first section.
  const count = file.number(header, file.wide(60, 48), 2) || first.length;
  const named = file.number(header, file.wide(62, 50), 2);
  const names = file.section(place, entry, named === 0xffff ? first.link : named);
  if (names === undefined || count > mostSections || names.length > longestTable) return undefined;
  const table = file.bytes(place, count * entry);
  const texts = file.bytes(names.offset, names.length);
  if (table === undefined || texts === undefined) return undefined;
  for (let index = 0; index < count; index += 1) {
    const section = file.sectionIn(table.subarray(index * entry, (index + 1) * entry));
    if (!isModinfo(texts, section.name)) continue;
    if (section.length > longestTable) return undefined;
    const fields = file.bytes(section.offset, section.length);
    return fields === undefined ? undefined : Buffer.from(fields).toString("latin1").split("\0");
  }
  return [];
}

const modinfoName = Buffer.from(".modinfo\0");

/** Compared byte by byte: a name that never ends would be read once for each of a million sections. */
function isModinfo(texts: Uint8Array, start: number): boolean {
  return modinfoName.equals(texts.subarray(start, start + modinfoName.length));
}

interface File {
  readonly size: number;
  readonly read: ReadPart;
  readonly isWide: boolean;
  readonly isLittle: boolean;
}

class Reader {
  readonly #file: File;

  constructor(file: File) {
    this.#file = file;
  }

  wide(of64: number, of32: number): number {
    return this.#file.isWide ? of64 : of32;
  }

  /** Undefined where the file is shorter. */
  bytes(offset: number, length: number): Uint8Array | undefined {
    if (offset < 0 || length < 0 || offset + length > this.#file.size) return undefined;
    const found = this.#file.read(offset, length);
    return found.length === length ? found : undefined;
  }

  number(bytes: Uint8Array, offset: number, length: number): number {
    let value = 0;
    for (let index = 0; index < length; index += 1) {
      value = value * 256 + (bytes[offset + (this.#file.isLittle ? length - 1 - index : index)] ?? 0);
    }
    return value;
  }

  section(table: number, entry: number, index: number): Section | undefined {
    const bytes = this.bytes(table + index * entry, entry);
    return bytes === undefined ? undefined : this.sectionIn(bytes);
  }

  sectionIn(bytes: Uint8Array): Section {
    return {
      name: this.number(bytes, 0, 4),
      offset: this.number(bytes, this.wide(24, 16), this.wide(8, 4)),
      length: this.number(bytes, this.wide(32, 20), this.wide(8, 4)),
      link: this.number(bytes, this.wide(40, 24), 4),
    };
  }
}
