/**
 * The one way by which what a build has made becomes ours. The build's processes have ended, and its directories lie where nobody else can write; what is
 * taken from them is copied to files of our own, and nothing but these copies is ever signed, installed, kept or packed.
 */
import { dirname, join } from "node:path";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { makeDirectory, setMode } from "../../system/writing/file-changes.ts";
import { freeSpace } from "../../system/files/free-space.ts";
import type { ForeignTree, ForeignKind } from "../../system/files/foreign-tree.ts";

/** What an import may take at most. The largest modules with all their debugging information stay far below. */
export interface ImportLimits {
  /** Bytes of one file, and of all files of one import together. */
  readonly fileBytes: number;
  readonly allBytes: number;
  /** Files and directories beside the objects, and how deep they lie. */
  readonly entries: number;
  readonly depth: number;
  /** Bytes that stay free on the disk. */
  readonly reserve: number;
}

/** The limits of every import. */
const importLimits: ImportLimits = {
  fileBytes: 2 * 1024 ** 3,
  allBytes: 4 * 1024 ** 3,
  entries: 1_000,
  depth: 16,
  reserve: 64 * 1024 ** 2,
};

/** The end of the words for a file that the disk is too full for. */
export const noSpace = "has no space left for them";

/** A file that is not taken, and why, in words that follow its name. */
export interface Refused {
  readonly path: string;
  readonly why: string;
}

const kinds: Readonly<Record<Exclude<ForeignKind, "file">, string>> = {
  none: "does not exist",
  directory: "is a directory",
  link: "is a link",
  fifo: "is a named pipe",
  socket: "is a socket",
  device: "is a device",
  shared: "is a file of somebody else under a second name",
};

/** Takes files of one build into one directory, within the limits of all of them together. */
export class Import {
  readonly #to: string;
  readonly #limits: ImportLimits;
  #bytes = 0;
  #entries = 0;

  constructor(to: string, limits: ImportLimits = importLimits) {
    this.#to = to;
    this.#limits = limits;
  }

  /** Takes one file to a path below the directory. Returns why it cannot be taken; throws `file-failed` when the copy fails. */
  take(from: ForeignTree, path: string, to: string): string | undefined {
    const { kind, size, isExecutable } = from.look(path);
    if (kind !== "file") return kinds[kind];
    const { fileBytes, allBytes, reserve } = this.#limits;
    if (size > fileBytes) return `has ${size} bytes, more than any object has`;
    if (this.#bytes + size > allBytes) return `is too much: all files together may have ${allBytes} bytes`;
    const target = join(this.#to, to);
    makeDirectory(dirname(target));
    const space = freeSpace(dirname(target)) - reserve;
    if (size > space) return `has ${size} bytes, and the disk of ${this.#to} ${noSpace}`;
    this.#bytes += size;
    // What grows while it is read is written by something that should have ended.
    return from.copy(path, target, { limit: size, mode: isExecutable ? 0o755 : 0o644 })
      ? undefined
      : "changes while it is read";
  }

  /** Takes every regular file below the root that `isWanted`, with its directories; returns what is left out. */
  takeAll(from: ForeignTree, isWanted: (path: string) => boolean): readonly Refused[] {
    return this.#takeBelow(from, "", isWanted);
  }

  #takeBelow(from: ForeignTree, directory: string, isWanted: (path: string) => boolean): readonly Refused[] {
    const refused: Refused[] = [];
    for (const name of from.list(directory)) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (!isWanted(path)) continue;
      this.#entries += 1;
      if (this.#entries > this.#limits.entries) {
        return [...refused, { path, why: `is too much: no more than ${this.#limits.entries} files are taken` }];
      }
      const why = nameFault(name) ?? (isStrayObject(path) ? "is an object that dkms.conf does not name" : undefined);
      if (why !== undefined) refused.push({ path: printable(path), why });
      else if (from.look(path).kind === "directory") refused.push(...this.#enter(from, path, isWanted));
      else {
        const fault = this.take(from, path, path);
        if (fault !== undefined) refused.push({ path, why: fault });
      }
    }
    return refused;
  }

  #enter(from: ForeignTree, path: string, isWanted: (path: string) => boolean): readonly Refused[] {
    if (path.split("/").length > this.#limits.depth) return [{ path, why: "lies too deep" }];
    makeDirectory(join(this.#to, path));
    setMode(join(this.#to, path), 0o755);
    return this.#takeBelow(from, path, isWanted);
  }
}

/**
 * The path below a tree's root to which a path leads, its links read and not followed: those to files of the tree itself are resolved, absolute ones by the
 * path `seen` that the build has for the root. Undefined for a path that leads out of the tree.
 */
export function pathInside(tree: ForeignTree, seen: string, path: string): string | undefined {
  let at: string[] = [];
  const rest = path.split("/");
  for (let steps = 0; rest.length > 0; steps += 1) {
    if (steps > 200) return undefined;
    const part = rest.shift() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return undefined;
      continue;
    }
    const link = tree.linkText([...at, part].join("/"));
    if (link === undefined) {
      at.push(part);
      continue;
    }
    if (link.startsWith("/")) {
      if (!`${link}/`.startsWith(`${seen}/`)) return undefined;
      at = [];
      rest.unshift(...link.slice(seen.length).split("/"));
    } else rest.unshift(...link.split("/"));
  }
  return at.join("/");
}

/** Objects of a module are those that its conf names: everything in `module/` with the name of an object would be installed and packed. */
function isStrayObject(path: string): boolean {
  const [directory, name = "", ...more] = path.split("/");
  return directory === "module" && more.length === 0 && parseObjectFileName(name) !== undefined;
}

function nameFault(name: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(name)) return "has a name with control characters";
  return name.includes("\ufffd") ? "has a name that is no UTF-8" : undefined;
}

function printable(path: string): string {
  return path.replaceAll(/[\u0000-\u001f\u007f]/g, "?");
}
