/** Digests by which contents are compared. */
import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { requireSize, withFile } from "./content.ts";

/** The SHA-256 of a text or of bytes, 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The SHA-256 of a file's bytes, 64 hexadecimal digits, read in parts; `absent` where there is no file. */
export function digestOfFile(path: string): string {
  return digestWhen(path, () => undefined);
}

/** The same of a file that a build reads; throws `file-failed` for one of a package that is to come, if it is longer than files of sources are. */
export function digestOfInput(path: string): string {
  return digestWhen(path, requireSize);
}

function digestWhen(path: string, check: (size: number) => void): string {
  const digest = withFile(path, "absent", (descriptor, size) => {
    check(size);
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
    return hash.digest("hex");
  });
  return digest ?? "absent";
}
