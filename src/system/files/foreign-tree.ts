/**
 * Takes files out of a directory that somebody else has filled and that lies where nobody else can write. No link is followed: a directory is made the
 * caller's own before it is listed, so that nobody can exchange what is in it, and a file is opened only when it is a regular one.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { failed, hasCode, worded } from "./errors.ts";
import { sortedByBytes } from "./files.ts";
import { placeOf } from "./other-machine.ts";
import { removeStubborn } from "../writing/stubborn-trees.ts";

/** What an entry is: only a `file` is ever taken. `shared`: a file that has another name and belongs to somebody else than the directory did. */
export type ForeignKind = "file" | "directory" | "link" | "fifo" | "socket" | "device" | "shared" | "none";

/** An entry as it was found. */
export interface ForeignEntry {
  readonly kind: ForeignKind;
  /** Bytes that reading it would give; for what is no file, 0. */
  readonly size: number;
  readonly isExecutable: boolean;
}

/** How deep directories lie that people read, and characters of their paths: those of sources lie some ten deep. */
const deepest = 40;
const longestPath = 1000;

/** A directory that others have filled. */
export class ForeignTree {
  readonly root: string;
  /** Where it really lies, whichever machine is seen. */
  readonly #place: string;
  readonly #maker: number;
  readonly #claimed = new Map<string, Stats>();

  /** Throws `file-failed` when the path is no directory. */
  constructor(root: string) {
    const place = placeOf(root);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) throw failed("read", root, new Error("it is no directory"));
    this.root = root;
    this.#place = place;
    this.#maker = found.uid;
    this.#claim("");
  }

  /** The entry at a path below the root; `none` where a directory on the way is missing or is none. */
  look(path: string): ForeignEntry {
    const found = this.#stat(path);
    if (found === undefined) return { kind: "none", size: 0, isExecutable: false };
    const kind = this.#kindOf(found);
    return { kind, size: kind === "file" ? found.size : 0, isExecutable: (found.mode & 0o111) !== 0 };
  }

  /** The text of a link; undefined for anything else. */
  linkText(path: string): string | undefined {
    if (this.#stat(path)?.isSymbolicLink() !== true) return undefined;
    const link = join(this.#place, path);
    return worded("read", link, () => readlinkSync(link));
  }

  /** Names in a directory, sorted; none for anything else. */
  list(path: string): readonly string[] {
    if (path !== "" && this.look(path).kind !== "directory") return [];
    this.#claim(path);
    const directory = join(this.#place, path);
    return sortedByBytes(worded("read", directory, () => readdirSync(directory)));
  }

  /**
   * Copies a file to a new one of the caller's with these permissions; whoever needs it on the disk syncs it. Returns false, with nothing left behind, when it is no
   * file or has more bytes than `limit`, whatever was seen before. Throws `file-failed`.
   */
  copy(path: string, to: string, { limit, mode }: { readonly limit: number; readonly mode: number }): boolean {
    if (this.look(path).kind !== "file") return false;
    const from = join(this.#place, path);
    let source: number | undefined;
    let target: number | undefined;
    let isWhole = false;
    try {
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_WRONLY, O_CREAT, O_EXCL } = constants;
      source = openSync(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
      const found = fstatSync(source);
      if (this.#kindOf(found) !== "file") return false;
      target = openSync(placeOf(to), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      isWhole = copyBytes(source, target, limit);
      if (!isWhole) return false;
      fchmodSync(target, mode);
      futimesSync(target, found.atime, found.mtime);
      return true;
    } catch (error) {
      isWhole = false;
      throw failed("copy", `${from} to ${to}`, error, to);
    } finally {
      if (source !== undefined) closeSync(source);
      if (target !== undefined) closeSync(target);
      if (target !== undefined && !isWhole) rmSync(placeOf(to), { force: true });
    }
  }

  /** Gives the directories back as they were, for those who go on to work in them. */
  release(): void {
    for (const [path, { uid, gid, mode }] of [...this.#claimed].toReversed()) {
      const directory = join(this.#place, path);
      worded("give back", directory, () => {
        lchownSync(directory, uid, gid);
        chmodSync(directory, mode & 0o7777);
      });
    }
    this.#claimed.clear();
  }

  /**
   * Makes the tree one that people may read: everything in it becomes the caller's, no file is setuid or writable for others, and what is neither file, directory
   * nor link is removed, as is what has a name that is no text and what lies deeper than sources do. A file with another name, which may be anybody's, stays as
   * it is, or goes where it is setuid.
   */
  tame(): void {
    this.#tameBelow("", 0);
  }

  #tameBelow(directory: string, depth: number): void {
    for (const name of this.list(directory)) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const found = name.includes("\ufffd") ? undefined : this.#stat(path);
      if (found === undefined) {
        this.#discardNameless(directory);
        continue;
      }
      const isSpecial = (found.mode & 0o7000) !== 0;
      const isTooDeep = depth >= deepest || path.length > longestPath;
      if (found.isDirectory() && isTooDeep) discardTree(Buffer.from(join(this.#place, path)));
      else if (found.isDirectory()) this.#tameBelow(path, depth + 1);
      else if (found.isFile() && found.nlink === 1) tameFile(join(this.#place, path), found);
      else if (!found.isSymbolicLink() && (!found.isFile() || isSpecial)) discard(join(this.#place, path));
    }
  }

  /** Removes what has a name that is no UTF-8: no path that we have leads there. */
  #discardNameless(directory: string): void {
    const place = join(this.#place, directory);
    const names = worded("read", place, () => readdirSync(place, { encoding: "buffer" }));
    for (const name of names.filter((one) => one.toString("utf8").includes("\ufffd"))) {
      discardTree(Buffer.concat([Buffer.from(`${place}/`), name]));
    }
  }

  /** Nothing is looked at below a directory before it is claimed, so that the way to it stays what it is. */
  #stat(path: string): Stats | undefined {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join("/");
      if (this.#claimed.has(parent)) continue;
      if (!this.#lstat(parent)?.isDirectory()) return undefined;
      this.#claim(parent);
    }
    return this.#lstat(path);
  }

  #lstat(path: string): Stats | undefined {
    try {
      return lstatSync(join(this.#place, path), { throwIfNoEntry: false });
    } catch (error) {
      if (hasCode(error, "ENOTDIR", "ENAMETOOLONG", "ELOOP")) return undefined;
      throw failed("look at", join(this.#place, path), error);
    }
  }

  /** From now on only the caller puts anything into this directory. */
  #claim(path: string): void {
    if (this.#claimed.has(path)) return;
    const directory = join(this.#place, path);
    const found = worded("take over", directory, () => {
      const stats = lstatSync(directory);
      if (stats.uid !== ownUser()) lchownSync(directory, ownUser(), process.getegid?.() ?? 0);
      if ((stats.mode & 0o7777) !== 0o700) chmodSync(directory, 0o700);
      return stats;
    });
    this.#claimed.set(path, found);
  }

  #kindOf(found: Stats): ForeignKind {
    if (found.isSymbolicLink()) return "link";
    if (found.isDirectory()) return "directory";
    if (found.isFIFO()) return "fifo";
    if (found.isSocket()) return "socket";
    if (!found.isFile()) return "device";
    return found.nlink > 1 && found.uid !== this.#maker ? "shared" : "file";
  }
}

function tameFile(path: string, found: Stats): void {
  const mode = (found.mode & 0o755) | 0o600;
  worded("take over", path, () => {
    if (found.uid !== ownUser()) lchownSync(path, ownUser(), process.getegid?.() ?? 0);
    if ((found.mode & 0o7777) !== mode) chmodSync(path, mode);
  });
}

function discardTree(path: Buffer): void {
  worded("remove", path.toString("utf8"), () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) removeStubborn(path);
    else rmSync(path, { force: true });
  });
}

function discard(path: string): void {
  worded("remove", path, () => rmSync(path, { force: true }));
}

function ownUser(): number {
  return process.geteuid?.() ?? 0;
}

/** Whether the source came to its end within the limit. */
function copyBytes(source: number, target: number, limit: number): boolean {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (let copied = 0; ;) {
    const count = readSync(source, buffer, 0, buffer.length, null);
    if (count === 0) return true;
    copied += count;
    if (copied > limit) return false;
    for (let written = 0; written < count;) written += writeSync(target, buffer, written, count - written);
  }
}
