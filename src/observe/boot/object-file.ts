/** Reads of a kernel object what decides whether a kernel loads it: vermagic, the machine of its ELF header, its signature. */
import { gunzipSync } from "node:zlib";
import type { ObjectFacts } from "../../model/boot/facts.ts";
import { bootObjectsFile, type Layout } from "../../model/machine/layout.ts";
import { readBytes } from "../../system/files/content.ts";
import { run } from "../../system/process/processes.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { Remembered } from "../../system/remembered.ts";
import { quietly } from "../../system/files/quietly.ts";

/** What an object says of itself. */
export type ObjectWords = Pick<ObjectFacts, "vermagic" | "machine" | "signed">;

const nothing: ObjectWords = { vermagic: undefined, machine: undefined, signed: undefined };

/** Reads objects, each once as long as it is the same file: a graphics driver has a hundred megabytes, and reports are made in every transaction. */
export class ObjectReader {
  readonly #remembered: Remembered<ObjectWords>;

  constructor(layout: Layout) {
    this.#remembered = new Remembered(bootObjectsFile(layout), 500);
  }

  /** What an object says; all undefined where it cannot be read. */
  async read(path: string): Promise<ObjectWords> {
    const identity = identityLine(path, { inode: false });
    if (identity === undefined) return nothing;
    const { known } = this.#remembered;
    const key = `${identity} ${path}`;
    const words = known.get(key) ?? (await readObject(path));
    known.delete(key);
    known.set(key, words);
    return words;
  }

  /** Keeps what was read for the next run. */
  save(): void {
    this.#remembered.save();
  }
}

async function readObject(path: string): Promise<ObjectWords> {
  const bytes = await plainBytes(path);
  // e_ident begins with these four, see elf(5).
  if (bytes === undefined || bytes.toString("latin1", 0, 4) !== "\u007fELF") return nothing;
  const isBig = bytes[5] === 2;
  const machine = bytes.length < 20 ? undefined : isBig ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  return { vermagic: vermagicOf(bytes), machine: machineName(machine), signed: isSigned(bytes) };
}

/** An object without its compression; undefined where it cannot be read. */
export async function plainBytes(path: string): Promise<Buffer | undefined> {
  try {
    if (path.endsWith(".gz")) return gunzipSync(readBytes(path) ?? Buffer.alloc(0));
  } catch {
    return undefined;
  }
  const program = path.endsWith(".xz") ? "xz" : path.endsWith(".zst") ? "zstd" : undefined;
  if (program === undefined) return quietly(() => readBytes(path));
  const { status, stdout } = await run([program, "--decompress", "--stdout", "--", path], { encoding: "latin1" });
  return status === 0 ? Buffer.from(stdout, "latin1") : undefined;
}

/** `vermagic=6.6.1-arch1-1 SMP preempt mod_unload `, ended by a NUL, among the fields of `.modinfo`. */
function vermagicOf(bytes: Buffer): string | undefined {
  const field = "\0vermagic=";
  let at = bytes.indexOf(field);
  // It may be the section's first field, where the byte before is anything.
  if (at < 0) at = bytes.indexOf(field.slice(1)) - 1;
  if (at < -1) return undefined;
  const start = at + field.length;
  const end = bytes.indexOf(0, start);
  return bytes.toString("latin1", start, end < 0 ? start : end);
}

/** The words of `uname -m` for machines of elf.h that Arch and its ports run on. */
const machines: Readonly<Record<number, string>> = {
  3: "i686",
  8: "mips",
  20: "ppc",
  21: "ppc64le",
  22: "s390x",
  40: "armv7l",
  62: "x86_64",
  183: "aarch64",
  243: "riscv64",
  258: "loongarch64",
};

function machineName(number: number | undefined): string | undefined {
  return number === undefined ? undefined : (machines[number] ?? `machine ${number}`);
}

/** How the kernel finds a signature, see its documentation of module signing. */
function isSigned(bytes: Buffer): boolean {
  return bytes.subarray(-40).includes("~Module signature appended~");
}
