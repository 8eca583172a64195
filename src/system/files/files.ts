/** What is on the disk: kinds and lists of files. Synchronous: every caller needs the answer before it can go on, and start-up counts. */
import {
  accessSync,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Dirent,
} from "node:fs";
import { join } from "node:path";
import { failed, hasCode } from "./errors.ts";
import { isOnOtherMachine, nameWithoutLinks, placeOf, targetPlaceOf } from "./other-machine.ts";

/** What a path is, links not followed; `none` when there is nothing (or its parent is no directory). */
export type FileKind = "none" | "file" | "directory" | "link" | "other";

/** The kind of what is at the path itself. */
export function fileKind(path: string): FileKind {
  try {
    const found = lstatSync(placeOf(path), { throwIfNoEntry: false });
    return found === undefined ? "none" : kindOf(found);
  } catch (error) {
    if (hasCode(error, "ELOOP", "ENOTDIR")) return "none";
    throw failed("look at", path, error);
  }
}

/** The kind of what a path leads to, links followed; a dangling link leads to `none`. */
export function targetKind(path: string): FileKind {
  try {
    const found = statSync(targetPlaceOf(path), { throwIfNoEntry: false });
    return found === undefined ? "none" : kindOf(found);
  } catch (error) {
    if (hasCode(error, "ELOOP", "ENOTDIR", "ENOENT")) return "none";
    throw failed("look at", path, error);
  }
}

/** Whether a path leads to a directory, links followed; where it does, that is told in half the time that its kind takes. */
export function leadsToDirectory(path: string): boolean {
  try {
    accessSync(`${targetPlaceOf(path)}/.`);
    return true;
  } catch {
    return targetKind(path) === "directory";
  }
}

/** How many directories are in a directory, told by its links; undefined where the file system counts none (btrfs, layers of an overlay). */
export function subdirectories(path: string): number | undefined {
  try {
    const links = lstatSync(placeOf(path), { throwIfNoEntry: false })?.nlink ?? 0;
    return links < 2 ? undefined : links - 2;
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "ELOOP")) return undefined;
    throw failed("look at", path, error);
  }
}

/** Size in bytes, and times of the last change of content and of any change, in milliseconds, of what a path leads to; undefined when there is nothing. */
export function targetFacts(path: string): { size: number; modified: number; changed: number } | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? undefined : { size: found.size, modified: found.mtimeMs, changed: found.ctimeMs };
  } catch (error) {
    if (hasCode(error, "ELOOP", "ENOTDIR", "ENOENT")) return undefined;
    throw failed("look at", path, error);
  }
}

/** Size in bytes, permissions and modification time in nanoseconds of what a path leads to; undefined when there is nothing. */
export function fileFacts(path: string): { size: number; mode: number; modified: bigint } | undefined {
  try {
    const found = lstatSync(placeOf(path), { throwIfNoEntry: false, bigint: true });
    if (found === undefined) return undefined;
    return { size: Number(found.size), mode: Number(found.mode) & 0o7777, modified: found.mtimeNs };
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "ELOOP")) return undefined;
    throw failed("look at", path, error);
  }
}

/** Names in a directory, sorted by bytes; empty when it does not exist or is no directory. */
export function listDirectory(path: string): readonly string[] {
  try {
    return sortedByBytes(readdirSync(targetPlaceOf(path)));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return [];
    throw failed("list", path, error);
  }
}

/** Names and kinds in a directory, sorted by bytes; empty when it does not exist or is no directory. */
export function listEntries(path: string): readonly { readonly name: string; readonly kind: FileKind }[] {
  try {
    const kinds = new Map(
      readdirSync(targetPlaceOf(path), { withFileTypes: true }).map((entry) => [entry.name, kindOf(entry)]),
    );
    return sortedByBytes([...kinds.keys()]).map((name) => ({ name, kind: kinds.get(name) ?? "none" }));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return [];
    throw failed("list", path, error);
  }
}

/** Names in the order of their bytes. */
export function sortedByBytes(names: readonly string[]): readonly string[] {
  // Beyond ASCII the order of bytes is not that of JavaScript's strings, which is had in a fifth of the time.
  if (!/[\u0080-\uffff]/.test(names.join(""))) return names.toSorted();
  return names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Where a link points, as written in it; undefined when the path is no link. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(placeOf(path));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EINVAL", "ELOOP")) return undefined;
    throw failed("read the link", path, error);
  }
}

/** The path with every link resolved; undefined when it leads nowhere. */
export function realPath(path: string): string | undefined {
  try {
    if (!isOnOtherMachine()) return realpathSync(path);
    const name = nameWithoutLinks(path);
    return targetKind(name) === "none" ? undefined : name;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw failed("resolve", path, error);
  }
}

/** Whether two paths lead to the same file or directory, by whatever names; what is missing is only the same as itself. */
export function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    const [left, right] = [a, b].map((path) => statSync(targetPlaceOf(path), { throwIfNoEntry: false, bigint: true }));
    return left !== undefined && right !== undefined && left.ino === right.ino && left.dev === right.dev;
  } catch (error) {
    if (hasCode(error, "ELOOP", "ENOTDIR", "EACCES", "ENAMETOOLONG")) return false;
    throw failed("look at", `${a} and ${b}`, error);
  }
}

/** Whether this process may read, write or execute what a path leads to. */
export function mayAccess(path: string, right: "read" | "write" | "execute"): boolean {
  const wanted = { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK }[right];
  try {
    accessSync(targetPlaceOf(path), wanted);
    return true;
  } catch {
    return false;
  }
}

/** All files below a directory as paths relative to it, links not followed, sorted by bytes. */
export function listTree(directory: string): readonly { readonly path: string; readonly kind: FileKind }[] {
  const found: { path: string; kind: FileKind }[] = [];
  for (const { name, kind } of listEntries(directory)) {
    found.push({ path: name, kind });
    if (kind !== "directory") continue;
    for (const inner of listTree(join(directory, name)))
      found.push({ path: `${name}/${inner.path}`, kind: inner.kind });
  }
  return found;
}

/** The kind that an entry or its stat tells. */
export function kindOf(entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">): FileKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isDirectory()) return "directory";
  return entry.isFile() ? "file" : "other";
}
