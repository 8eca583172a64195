/** What a tarball means: one that DKMS made, with sources or results or both, or any archive with a dkms.conf in it. */
import { entryDirectories } from "../machine/layout.ts";
import { linkFault, plainPath, shown, type EntryTree } from "./archive-structure.ts";
import { nameFault, type Arch, type Release } from "../names.ts";
import type { KernelId } from "../pair.ts";

/** The directories of a DKMS tarball. */
export const tarballParts = {
  /** `dkms_main_tree/K/A`: results; the mark of a DKMS tarball, empty in one with sources only. */
  results: "dkms_main_tree",
  source: "dkms_source_tree",
  /** The conf, name and version of a module without its source. */
  binaries: "dkms_binaries_only",
} as const;

/** What is in a tarball. */
export interface TarballContents {
  readonly kind: "source" | "binaries";
  /** The directory in the archive that holds dkms.conf, and all of the source when there is one; empty for the archive's root. */
  readonly directory: string;
  /** Kernels that it holds results for. */
  readonly kernels: readonly KernelId[];
  /** Directories below `dkms_main_tree` that look like results and hold no kernel objects. */
  readonly ignored: readonly string[];
}

/** Why a tarball cannot be used, with the exit status that the reference has for it. */
export interface ContentsFault {
  readonly fault: string;
  readonly exitCode: 3 | 7;
}

/** Finds out what a tarball means, and that what belongs together holds no link that leads out of it. */
export function readContents(tree: EntryTree): TarballContents | ContentsFault {
  const top = [...tree.keys()].map((path) => path.split("/", 1)[0] ?? "");
  const contents = top.includes(tarballParts.results) ? dkmsContents(tree, top) : plainContents(tree);
  if ("fault" in contents) return contents;
  for (const [path, { kind, target }] of tree) {
    const scope = scopeOf(path, contents);
    const invalid = (fault: string): ContentsFault => ({ fault, exitCode: 7 });
    if (kind === "hard-link" && scopeOf(plainPath(target), contents) !== scope)
      return invalid(`the hard link ${shown(path)} to ${shown(target)} leads out of its directory`);
    const fault = kind === "link" ? linkFault(path, target, scope) : undefined;
    if (fault !== undefined) return invalid(fault);
  }
  return contents;
}

function dkmsContents(tree: EntryTree, top: readonly string[]): TarballContents | ContentsFault {
  const known: readonly string[] = Object.values(tarballParts);
  const stranger = top.find((name) => !known.includes(name));
  if (stranger !== undefined)
    return {
      fault: `${shown(stranger)} is no part of a DKMS tarball, and it has ${tarballParts.results}`,
      exitCode: 7,
    };
  const kind = isConf(tree, tarballParts.source) ? "source" : "binaries";
  const directory = kind === "source" ? tarballParts.source : tarballParts.binaries;
  if (!isConf(tree, directory)) {
    const fault = `there is no dkms.conf in ${tarballParts.source} or ${tarballParts.binaries}`;
    return { fault, exitCode: 7 };
  }
  const results = [...directoriesAt(tree, 3)].filter((path) => path.startsWith(`${tarballParts.results}/`)).toSorted();
  const inner = directoriesAt(tree, 4);
  const kernels: KernelId[] = [];
  const ignored: string[] = [];
  for (const path of results) {
    const [, release = "", arch = ""] = path.split("/");
    const fault = nameFault(release) ?? nameFault(arch) ?? reservedFault(release);
    if (fault !== undefined) return { fault: `${shown(path)} cannot be a kernel: its name ${fault}`, exitCode: 7 };
    if (release.startsWith(".") || arch.startsWith(".") || !inner.has(`${path}/module`)) ignored.push(path);
    else kernels.push({ release: release as Release, arch: arch as Arch });
  }
  return { kind, directory, kernels, ignored };
}

/** Names in `M/V` that are no kernels: results put there would overwrite something else. */
function reservedFault(release: string): string | undefined {
  return entryDirectories.has(release) ? `is "${release}"` : undefined;
}

/** The dkms.conf nearest to the root counts; of several, the first by name. */
function plainContents(tree: EntryTree): TarballContents | ContentsFault {
  const found = [...tree.keys()]
    .filter((path) => path === "dkms.conf" || path.endsWith("/dkms.conf"))
    .map((path) => path.slice(0, -"/dkms.conf".length))
    .filter((directory) => isConf(tree, directory));
  const depth = (path: string): number => (path === "" ? 0 : path.split("/").length);
  const [directory] = found.toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  if (directory === undefined) return { fault: "there is no dkms.conf in it", exitCode: 3 };
  return { kind: "source", directory, kernels: [], ignored: [] };
}

function isConf(tree: EntryTree, directory: string): boolean {
  const kind = tree.get(directory === "" ? "dkms.conf" : `${directory}/dkms.conf`)?.kind;
  return kind === "file" || kind === "hard-link" || kind === "link";
}

/** Directories so many names deep, whether the archive names them or only what is in them. */
function directoriesAt(tree: EntryTree, depth: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [path, { kind }] of tree) {
    const parts = path.split("/");
    if (parts.length > depth || (parts.length === depth && kind === "directory"))
      found.add(parts.slice(0, depth).join("/"));
  }
  return found;
}

/** The directory that goes as a whole to the machine: a link in it may lead to everything below it and to nothing else. */
function scopeOf(path: string, { directory }: TarballContents): string {
  const parts = path.split("/");
  if (parts[0] === tarballParts.results) return parts.slice(0, 3).join("/");
  if (directory === "" || path === directory || path.startsWith(`${directory}/`)) return directory;
  return parts[0] === tarballParts.source || parts[0] === tarballParts.binaries ? parts[0] : "";
}
