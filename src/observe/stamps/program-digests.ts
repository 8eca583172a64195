/** Digests of programs, remembered until the next boot: a compiler has thirty megabytes, and hardly ever another content than a minute ago. */
import { programDigestsFile, type Layout } from "../../model/machine/layout.ts";
import { digestOfFile } from "../../system/files/digests.ts";
import { identityLine } from "../../system/files/stat-index.ts";
import { Remembered } from "../../system/remembered.ts";

/** The digest of a program's content, 64 hexadecimal digits, or `absent`. Read anew when anything about the file is not as it was. */
export function programDigest(layout: Layout, path: string): string {
  // Before it is read: what changes meanwhile has another identity the next time.
  const identity = identityLine(path, { inode: false });
  if (identity === undefined) return "absent";
  const remembered = new Remembered<string>(programDigestsFile(layout), 1000);
  const { known } = remembered;
  const key = `${identity} ${path}`;
  const digest = known.get(key) ?? digestOfFile(path);
  if (known.get(key) === digest || digest === "absent") return digest;
  for (const other of known.keys()) if (other.endsWith(` ${path}`)) known.delete(other);
  known.set(key, digest);
  remembered.save();
  return digest;
}
