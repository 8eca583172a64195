/** Digests of programs, remembered until the next boot: a compiler has thirty megabytes, and hardly ever another content than a minute ago. */
import { createHash } from "node:crypto";
import { programDigestsFile, type Layout } from "../../model/machine/layout.ts";
import { writeExpendable } from "../../system/writing/expendable-files.ts";
import { readBytes, readText } from "../../system/files/content.ts";
import { identityLine } from "../../system/files/stat-index.ts";

/** The digest of a program's content, 64 hexadecimal digits, or `absent`. Read anew when anything about the file is not as it was. */
export function programDigest(layout: Layout, path: string): string {
  // Before it is read: what changes meanwhile has another identity the next time.
  const identity = identityLine(path);
  if (identity === undefined) return "absent";
  const known = remembered(layout);
  const line = `${identity} ${path}`;
  const digest = known.get(line) ?? read(path);
  if (known.get(line) !== digest) {
    for (const other of known.keys()) if (other.endsWith(` ${path}`)) known.delete(other);
    known.set(line, digest);
    remember(layout, known);
  }
  return digest;
}

function read(path: string): string {
  const bytes = readBytes(path);
  return bytes === undefined ? "absent" : createHash("sha256").update(bytes).digest("hex");
}

/** Digests by identity and path; lines that are none of it are passed over. */
function remembered(layout: Layout): Map<string, string> {
  const lines = (readText(programDigestsFile(layout)) ?? "").split("\n");
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, digest, identity] = /^([0-9a-f]{64}) (.+)$/.exec(line) ?? [];
      return digest === undefined || identity === undefined ? [] : [[identity, digest]];
    }),
  );
}

/** Nothing is lost where it cannot be written but the time of reading again. */
function remember(layout: Layout, known: ReadonlyMap<string, string>): void {
  try {
    const lines = [...known].filter(([, digest]) => digest !== "absent").map(([line, digest]) => `${digest} ${line}\n`);
    writeExpendable(programDigestsFile(layout), lines.join(""));
  } catch {
    // A full or read-only disk is told of by those who need it.
  }
}
