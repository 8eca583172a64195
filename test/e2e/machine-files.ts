/** Files of a machine, read and written from outside. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface MachineFiles {
  /** The path by which this process reaches a path of the machine; symbolic links on the way are the machine's, not the host's. */
  path(inside: string): string;
  /** Whether something is there; a dangling link is nothing. */
  exists(inside: string): boolean;
  /** The text of a file. */
  read(inside: string): string;
  /** The names in a folder, sorted; none when there is no such folder. */
  list(inside: string): string[];
  /** The paths of all files and links below a folder, relative to it and sorted. */
  tree(inside: string): string[];
  /** Writes a file with its folders; `mode` defaults to 0644. */
  write(inside: string, text: string, mode?: number): void;
  /** Removes a file or a folder with all in it; nothing there is fine. */
  remove(inside: string): void;
}

/** The files below `root`, which is how the host sees the machine's `/`. */
export function machineFiles(root: string): MachineFiles {
  const path = (inside: string): string => join(root, resolveInside(root, inside));
  return {
    path,
    exists: (inside) => lstatSync(path(inside), { throwIfNoEntry: false }) !== undefined,
    read: (inside) => readFileSync(path(inside), "utf8"),
    list: (inside) => (isDirectory(path(inside)) ? readdirSync(path(inside)).toSorted() : []),
    tree: (inside) => (isDirectory(path(inside)) ? filesBelow(path(inside)) : []),
    write: (inside, text, mode = 0o644) => {
      mkdirSync(path(dirname(inside)), { recursive: true });
      writeFileSync(path(inside), text);
      chmodSync(path(inside), mode);
    },
    remove: (inside) =>
      rmSync(join(path(dirname(inside)), inside.split("/").at(-1) ?? ""), { recursive: true, force: true }),
  };
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Follows symbolic links as a process in the machine would: absolute ones start at its root, and `..` stops there. */
function resolveInside(root: string, inside: string): string {
  let done: string[] = [];
  const rest = inside.split("/");
  for (let steps = 0; rest.length > 0; steps += 1) {
    if (steps > 1000) throw new Error(`${inside}: too many symbolic links`);
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const link = linkTarget(join(root, ...done, name));
    if (link === undefined) done.push(name);
    else {
      if (link.startsWith("/")) done = [];
      rest.unshift(...link.split("/"));
    }
  }
  return `/${done.join("/")}`;
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
