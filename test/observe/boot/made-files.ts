/** Makes kernel files and images in their real formats, with nothing in them that runs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A bzImage of a release: the setup header as x86/boot.rst has it, two sectors of setup and 4096 bytes of zeros. */
export function bzImage(release: string): Buffer {
  const bytes = Buffer.alloc(3 * 512 + 4096);
  bytes[0x1f1] = 2;
  bytes.writeUInt32LE(4096 / 16, 0x1f4);
  bytes.writeUInt16LE(0xaa55, 0x1fe);
  bytes.write("HdrS", 0x202, "latin1");
  bytes.writeUInt16LE(0x20f, 0x206);
  bytes.writeUInt16LE(0x300 - 0x200, 0x20e);
  bytes.write(`${release} (builder@host) #1 SMP PREEMPT_DYNAMIC\0`, 0x300, "latin1");
  return bytes;
}

/** An arm64 Image: the magic of arm64/booting.rst, and the banner somewhere in it. */
export function arm64Image(release: string): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write("ARM\u0064", 0x38, "latin1");
  bytes.write(`Linux version ${release} (builder@host) #1 SMP\n\0`, 0x400, "latin1");
  return bytes;
}

/** A PE file with these sections. */
export function peFile(sections: Readonly<Record<string, Buffer>>): Buffer {
  const names = Object.keys(sections);
  const header = Buffer.alloc(0x400);
  header.write("MZ", 0, "latin1");
  header.writeUInt32LE(0x80, 0x3c);
  header.write("PE\0\0", 0x80, "latin1");
  // As objcopy wants it, which other tests look into it with: x86-64, PE32+.
  const optional = 240;
  header.writeUInt16LE(0x8664, 0x84);
  header.writeUInt16LE(names.length, 0x86);
  header.writeUInt16LE(optional, 0x94);
  header.writeUInt16LE(0x22, 0x96);
  header.writeUInt16LE(0x20b, 0x98);
  header.writeUInt32LE(0x1000, 0x98 + 32);
  header.writeUInt32LE(0x200, 0x98 + 36);
  header.writeUInt32LE(0x400, 0x98 + 60);
  header.writeUInt16LE(10, 0x98 + 68);
  header.writeUInt32LE(16, 0x98 + 108);
  let offset = header.length;
  let address = 0x1000;
  const bodies = names.map((name, index) => {
    const body = sections[name] ?? Buffer.alloc(0);
    const padded = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
    const at = 0x98 + optional + index * 40;
    header.write(name, at, "latin1");
    header.writeUInt32LE(body.length, at + 8);
    header.writeUInt32LE(address, at + 12);
    header.writeUInt32LE(padded.length, at + 16);
    header.writeUInt32LE(offset, at + 20);
    header.writeUInt32LE(0x40000040, at + 36);
    offset += padded.length;
    address += Math.ceil(padded.length / 0x1000) * 0x1000;
    return padded;
  });
  return Buffer.concat([header, ...bodies]);
}

/** How an image is compressed, and what lies in a plain archive before it, as mkinitcpio and dracut make them. */
export interface ImageForm {
  readonly compression?: "zstd" | "xz" | "gzip" | "none";
  readonly microcode?: boolean;
  /** mkinitcpio puts all compressed files there, modules among them. */
  readonly early?: Readonly<Record<string, string | Buffer>>;
}

/** A cpio image with these files, made by bsdtar. */
export function cpioImage(files: Readonly<Record<string, string | Buffer>>, form: ImageForm = {}): Buffer {
  const { compression = "zstd", microcode = false } = form;
  const early = {
    ...(microcode ? { "kernel/x86/microcode/GenuineIntel.bin": "microcode" } : {}),
    ...form.early,
  };
  const plain = archive(files);
  const main = compression === "none" ? plain : execFileSync(compression, ["-c"], { input: plain, maxBuffer: 1 << 28 });
  if (Object.keys(early).length === 0) return main;
  return Buffer.concat([archive(early), Buffer.alloc(512), main]);
}

function archive(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "dkms-cpio-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    return execFileSync("bsdtar", ["--format=newc", "-cf", "-", "-C", directory, "."], { maxBuffer: 1 << 28 });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An ELF header of a machine, the field `vermagic`, and what a signed object ends with. */
export function koFile(release: string, { machine = 62, signed = false, vermagic = true } = {}): Buffer {
  const header = Buffer.alloc(64);
  header.write("\u007fELF\u0002\u0001\u0001", 0, "latin1");
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(machine, 18);
  const info = vermagic ? `license=GPL\0vermagic=${release} SMP preempt mod_unload \0name=tiny\0` : "license=GPL\0";
  const end = signed ? "~Module signature appended~\n" : "";
  return Buffer.concat([header, Buffer.from(`${info}${end}`, "latin1")]);
}
