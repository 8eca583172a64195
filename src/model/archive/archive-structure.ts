/** Whether the entries of an archive can be extracted without harm: each stays below the archive's own directory, and none gets in another's way. */
import type { ArchiveEntry } from "./archive-entry.ts";

/** The entries by their paths, without `./`, doubled and trailing slashes; the archive's own root is not among them. */
export type EntryTree = ReadonlyMap<string, ArchiveEntry>;

/** The tree of an archive, or why it is refused, as the rest of a sentence. */
export type Judgement = { readonly tree: EntryTree } | { readonly fault: string };

/** Longest name of a file that Linux file systems take. */
const longestName = 255;

/** Judges all entries together; links are judged by `linkFault`, when it is known what belongs together. */
export function judgeEntries(entries: readonly ArchiveEntry[], longestPath: number): Judgement {
  const tree = new Map<string, ArchiveEntry>();
  for (const entry of entries) {
    const fault = pathFault(entry.path, longestPath) ?? kindFault(entry);
    if (fault !== undefined) return { fault };
    const path = plainPath(entry.path);
    if (path === "") {
      if (entry.kind !== "directory") return { fault: `its root ${shown(entry.path)} is no directory` };
      continue;
    }
    const known = tree.get(path);
    // A directory that is named twice does no harm; of two files one would replace the other, perhaps after it was looked at.
    if (known !== undefined && !(known.kind === "directory" && entry.kind === "directory"))
      return { fault: `it holds ${shown(path)} more than once` };
    if (entry.kind === "hard-link" && !isEarlierFile(tree, entry.target, longestPath))
      return { fault: `the hard link ${shown(path)} leads to ${shown(entry.target)}, which is no file before it` };
    tree.set(path, entry);
  }
  const fault = ancestorFault(tree);
  return fault === undefined ? { tree } : { fault };
}

/**
 * Why a symbolic link could lead out of the directory `scope` (empty for the archive's root), or undefined.
 * A target may begin with `..` but not hold it later: behind another link it would mean another directory than it seems to.
 */
export function linkFault(path: string, target: string, scope: string): string | undefined {
  const fault = (why: string): string => `the link ${shown(path)} to ${shown(target)} ${why}`;
  if (target === "") return fault("is empty");
  if (target.startsWith("/")) return fault("leads out of the archive");
  if (hasControl(target)) return fault("contains a control character");
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const ups = climbs === -1 ? parts.length : climbs;
  if (parts.slice(ups).includes("..")) return fault('holds ".." behind a name');
  const depth = depthOf(path) - depthOf(scope) - 1;
  return ups > depth ? fault("leads out of its directory") : undefined;
}

/** A path of an archive in the form of the tree's keys. */
export function plainPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/** A text from an archive as it can be shown: in quotes, on one line. */
export function shown(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

function pathFault(path: string, longestPath: number): string | undefined {
  if (path === "") return "it holds an entry without a name";
  if (path.startsWith("/")) return `it holds the absolute path ${shown(path)}`;
  if (hasControl(path)) return `the name ${shown(path)} contains a control character`;
  if (path.includes("\uFFFD")) return `the name ${shown(path)} is no UTF-8`;
  const parts = path.split("/");
  if (parts.includes("..")) return `the path ${shown(path)} leads out of the archive by ".."`;
  if (path.length > longestPath || parts.some((part) => part.length > longestName))
    return `the path ${shown(path)} is too long`;
  return undefined;
}

function kindFault({ kind, path }: ArchiveEntry): string | undefined {
  return kind === "special" ? `${shown(path)} is neither file, directory nor link` : undefined;
}

function isEarlierFile(tree: EntryTree, target: string, longestPath: number): boolean {
  if (pathFault(target, longestPath) !== undefined) return false;
  const kind = tree.get(plainPath(target))?.kind;
  return kind === "file" || kind === "hard-link";
}

/** Everything above an entry is a directory, or not in the archive at all; the order of the entries does not matter. */
function ancestorFault(tree: EntryTree): string | undefined {
  const judged = new Set<string>();
  for (const path of tree.keys()) {
    for (const above of ancestors(path)) {
      if (judged.has(above)) break;
      judged.add(above);
      const kind = tree.get(above)?.kind ?? "directory";
      if (kind !== "directory") return `${shown(path)} lies below ${shown(above)}, which is no directory`;
    }
  }
  return undefined;
}

/** The directories above a path, the nearest first. */
function* ancestors(path: string): Generator<string, void> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
}

function depthOf(path: string): number {
  return path === "" ? 0 : path.split("/").length;
}

function hasControl(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f]/.test(text);
}
