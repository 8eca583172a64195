/** Stats of files as short texts, to be compared with those of another day: one equal to the former means that the file is as it was. */
import { lstatSync, readdirSync, readlinkSync, statSync, type Dirent, type Stats } from "node:fs";
import { failed, hasCode, worded } from "./errors.ts";
import { placeOf, targetPlaceOf } from "./other-machine.ts";

/** Size, type and permissions, and modification time of what a path leads to; undefined when there is nothing. Throws `file-failed`, as all here do. */
export function statLine(path: string): string | undefined {
  const found = statOrNothing(path);
  return found === undefined ? undefined : lineOf(found);
}

/**
 * That and what no program can set, so that it tells this very file from every other: inode and time of the last change of any kind. Without the inode, which an
 * overlay gives a file anew, it tells a file from those that were at its path before.
 */
export function identityLine(path: string, { inode = true } = {}): string | undefined {
  const found = statOrNothing(path);
  return found && `${lineOf(found)} ${inode ? `${found.dev}:${found.ino} ` : ""}${found.ctimeMs}`;
}

/**
 * A line for every file and link below a directory, sorted: its path there, then its stat line. A link has its text and the stat line of what it leads to.
 * Whole source trees are read so in every transaction that concerns their modules: one call for a directory, one for a file.
 */
export function treeIndex(directory: string): readonly string[] {
  const lines: string[] = [];
  collect(directory, "", lines);
  return lines.toSorted();
}

function collect(root: string, below: string, lines: string[]): void {
  const entries = listOrNothing(below === "" ? root : `${root}/${below}`);
  for (const entry of entries) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      collect(root, path, lines);
    } else if (entry.isFile()) {
      const file = `${root}/${path}`;
      const found = worded("look at", file, () => lstatSync(placeOf(file), { throwIfNoEntry: false }));
      if (found !== undefined) lines.push(`${path} ${lineOf(found)}`);
    } else if (entry.isSymbolicLink()) {
      lines.push(`${path} -> ${linkOrNothing(`${root}/${path}`)} ${statLine(`${root}/${path}`) ?? "absent"}`);
    }
  }
}

function lineOf({ size, mode, mtimeMs }: Stats): string {
  return `${size} ${mode} ${mtimeMs}`;
}

function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(targetPlaceOf(path), { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, "ELOOP", "EACCES", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw failed("look at", path, error);
  }
}

function listOrNothing(path: string): readonly Dirent[] {
  try {
    return readdirSync(targetPlaceOf(path), { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return [];
    throw failed("list", path, error);
  }
}

function linkOrNothing(path: string): string {
  try {
    return readlinkSync(placeOf(path));
  } catch {
    return "";
  }
}
