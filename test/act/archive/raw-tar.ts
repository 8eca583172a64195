/** Writes tar archives that no tar program would make. Format: POSIX.1-1988 ustar, see tar(5). */

/** One entry; whatever is left out is that of an ordinary file. */
export interface RawEntry {
  readonly path: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` pipe, `L` long name for the next entry. */
  readonly type?: string;
  readonly target?: string;
  readonly content?: string;
  /** What the header says of the size, where that is not the length of the content. */
  readonly size?: number;
  readonly mode?: number;
}

const block = 512;

/** The bytes of an archive. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(entryBlocks), Buffer.alloc(2 * block)]);
}

function entryBlocks({ path, type = "0", target = "", content = "", size, mode = 0o644 }: RawEntry): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(block);
  header.write(path, 0, 100);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size ?? bytes.length, 12), 124);
  header.write(octal(1_700_000_000, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write("ustar\u000000", 257);
  header.write(octal(1, 8), 329);
  header.write(octal(3, 8), 337);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return [header, bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\u0000`;
}
