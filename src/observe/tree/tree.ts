/** Reads the dkms tree: registered modules, what is built, what is installed. Formats: the reference's, see dkms(8). */
import { basename, dirname, resolve } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import {
  activeLink,
  activeLinkText,
  defaultSource,
  entryDirectories,
  moduleDirectory,
  packageDirectory,
  resultDirectory,
  sourceLink,
} from "../../model/machine/layout.ts";
import { nameFault, type Arch, type ModuleName, type ModuleVersion, type Release } from "../../model/names.ts";
import { DkmsError } from "../../model/errors.ts";
import { moduleText, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Module, PairState } from "../../model/machine/world.ts";
import { readText } from "../../system/files/content.ts";
import {
  fileKind,
  leadsToDirectory,
  listDirectory,
  listEntries,
  readLink,
  realPath,
  sortedByBytes,
  subdirectories,
  targetKind,
} from "../../system/files/files.ts";
import { quietly } from "../../system/files/quietly.ts";
import { noteUnexpected } from "../../system/files/unexpected.ts";
import { machineArchitecture } from "../../system/environment.ts";
import type { Entries, List } from "../../system/files/listings.ts";

const notVersions: ReadonlySet<string> = new Set(["original_module"]);

/**
 * How much of a pair is read: everything, no more than which state it is in, or that of modules which have their source and everything of others (`needs`).
 */
export type Detail = "everything" | "needs" | "states";

/** Every module that the tree knows, sorted by their paths; entries without source link and without results are left out, as `dkms status` does. */
export function readTree(layout: Layout, detail: Detail = "everything", list: List = listEntries): readonly Module[] {
  return readPackages(layout, directories(layout.dkmsTree, list), () => detail, list);
}

/** Every module for a command about one package: of the others it matters in which state they are. */
export function readTreeFor(layout: Layout, subject: string, list: List = listEntries): readonly Module[] {
  const names = directories(layout.dkmsTree, list);
  return readPackages(layout, names, (name) => (name === subject ? "everything" : "needs"), list);
}

/** The modules of these names that the tree knows. */
export function readPackages(
  layout: Layout,
  names: Iterable<string>,
  detailOf: (name: string) => Detail,
  list: List = listEntries,
): readonly Module[] {
  const modules: Module[] = [];
  for (const name of names) {
    const detail = detailOf(name);
    for (const version of directories(packageDirectory(layout, name), list)) {
      if (notVersions.has(version)) continue;
      const id: ModuleId = { name: name as ModuleName, version: version as ModuleVersion };
      const module = readOrNote(layout, id, detail, list);
      if (module === undefined) continue;
      if (module.registration !== "none" || module.pairs.length > 0) modules.push(module);
    }
  }
  return modules;
}

/** A module whose files cannot be read (a bad disk) is left out, so that all others are served. */
function readOrNote(layout: Layout, id: ModuleId, detail: Detail, list: List): Module | undefined {
  try {
    return readModule(layout, id, detail, list);
  } catch (error) {
    if (!(error instanceof DkmsError) || error.code !== "file-failed") throw error;
    noteUnexpected(`${moduleText(id)} is left out: ${error.message}`);
    return undefined;
  }
}

/** One module as the tree and the source tree have it, registered or not. */
export function readModule(
  layout: Layout,
  id: ModuleId,
  detail: Detail = "everything",
  list: List = listEntries,
): Module {
  const source = readSource(layout, id);
  const depth = detail === "needs" && !source.sourcePresent ? "everything" : detail;
  return { id, ...source, importTo: undefined, ...readResults(layout, id, depth, list) };
}

/**
 * Where a module's source is, as an absolute path (where `add` would take it from when there is no link), and what that makes of the module.
 * `added`: the source link leads to a directory. `broken`: it leads nowhere, or stands beside a source of the default name without being a link.
 * A real directory without such a source is what a tarball of binaries alone leaves: added as well.
 */
function readSource(layout: Layout, id: ModuleId): Pick<Module, "registration" | "source" | "sourcePresent"> {
  const link = sourceLink(layout, id);
  const text = readLink(link);
  if (text !== undefined) {
    const isThere = targetKind(link) === "directory";
    const source = resolve(dirname(link), text);
    return { registration: isThere ? "added" : "broken", source, sourcePresent: isThere };
  }
  const usual = defaultSource(layout, id);
  const isUsualThere = targetKind(usual) === "directory";
  switch (fileKind(link)) {
    case "directory":
      return { registration: isUsualThere ? "broken" : "added", source: link, sourcePresent: true };
    case "none": {
      const isBroken = isUsualThere && fileKind(moduleDirectory(layout, id)) === "directory";
      return { registration: isBroken ? "broken" : "none", source: usual, sourcePresent: isUsualThere };
    }
    default:
      return { registration: "broken", source: usual, sourcePresent: isUsualThere };
  }
}

function readResults(layout: Layout, id: ModuleId, detail: Detail, list: List): Pick<Module, "pairs" | "emptyResults"> {
  const directory = moduleDirectory(layout, id);
  const pairs: PairState[] = [];
  const emptyResults: KernelId[] = [];
  for (const release of directories(directory, list)) {
    if (entryDirectories.has(release)) continue;
    const pairOf = (arch: string): Pair => ({
      module: id,
      kernel: { release: release as Release, arch: arch as Arch },
    });
    const path = `${directory}/${release}`;
    // There is hardly ever another architecture than the machine's, which is told in less time than it takes to list them.
    const usual = subdirectories(path) === 1 ? readPair(layout, pairOf(machineArchitecture()), detail) : undefined;
    if (usual !== undefined) {
      pairs.push(usual);
      continue;
    }
    for (const arch of directories(path, list)) {
      const state = readPair(layout, pairOf(arch), detail);
      if (state !== undefined) pairs.push(state);
      else emptyResults.push(pairOf(arch).kernel);
    }
  }
  return { pairs, emptyResults };
}

/** What the tree holds for a pair; undefined when it is not built. Where only states are asked for, it names no objects and no dependencies. */
export function readPair(layout: Layout, pair: Pair, detail: Detail = "everything"): PairState | undefined {
  const result = resultDirectory(layout, pair);
  const objects = `${result}/module`;
  if (detail !== "everything") {
    if (!leadsToDirectory(objects)) return undefined;
    return { pair, state: stateOf(layout, pair), objects: [], freshness: "unknown", builtWith: new Map() };
  }
  const entries = listEntries(result);
  const kind = entries.find(({ name }) => name === "module")?.kind ?? "none";
  if (kind !== "directory" && (kind !== "link" || targetKind(objects) !== "directory")) return undefined;
  return {
    pair,
    state: stateOf(layout, pair),
    objects: listDirectory(objects).filter((name) => /\.ko(\.(gz|xz|zst))?$/.test(name)),
    freshness: "unknown",
    builtWith: versionsIn(result, entries),
  };
}

/** The versions of other modules that a pair was built with, by their names. */
export function readBuiltWith(layout: Layout, pair: Pair): ReadonlyMap<string, string> {
  const result = resultDirectory(layout, pair);
  return versionsIn(result, listEntries(result));
}

/** `.dep_NAME` in a result holds the version of NAME that it was built with. */
function versionsIn(result: string, entries: Entries): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const { name } of entries) {
    if (!name.startsWith(".dep_")) continue;
    const version = readText(`${result}/${name}`)?.trim();
    if (version !== undefined) versions.set(name.slice(".dep_".length), version);
  }
  return versions;
}

function stateOf(layout: Layout, pair: Pair): PairState["state"] {
  return isActive(layout, pair) ? "installed" : "built";
}

/** The active link of the package leads to this result. Links in the tree's own path do not matter. */
function isActive(layout: Layout, pair: Pair): boolean {
  const link = activeLink(layout, pair.module.name, pair.kernel);
  const text = readLink(link);
  if (text === undefined) return false;
  if (text === activeLinkText(pair)) return true;
  const result = resultDirectory(layout, pair);
  return resolve(dirname(link), text) === result || realPath(link) === realPath(result);
}

/**
 * Names of the directories in a directory that can be module names, versions, releases or architectures; hidden ones are nobody's. They are sorted as
 * whole paths are, which `dkms status` shows: `zfs-utils/1` before `zfs/1`.
 */
function directories(path: string, list: List): readonly string[] {
  const paths = list(path)
    .filter(({ name, kind }) => kind === "directory" && !name.startsWith(".") && nameFault(name) === undefined)
    .map(({ name }) => `${name}/`);
  return sortedByBytes(paths).map((inner) => inner.slice(0, -1));
}

/** The pair that the active link names, though its result may be missing; undefined when there is no link, or one that names no version. */
export function readActive(layout: Layout, name: Pair["module"]["name"], kernel: KernelId): Pair | undefined {
  const link = activeLink(layout, name, kernel);
  const text = readLink(link);
  if (text === undefined) return undefined;
  const version = basename(dirname(dirname(text)));
  if (nameFault(version) !== undefined) return undefined;
  const pair: Pair = { module: { name, version: version as ModuleVersion }, kernel };
  const named = resolve(packageDirectory(layout, name), text);
  const isOurs = named === resultDirectory(layout, pair) || realPath(named) === realPath(resultDirectory(layout, pair));
  return isOurs ? pair : undefined;
}

/** Whether a module's source is there, with a dkms.conf in it: a directory that only holds what others left is none; one that this user may not look into counts. */
export function hasSource({ source, sourcePresent }: Module): boolean {
  return sourcePresent && (quietly(() => targetKind(`${source}/dkms.conf`)) ?? "file") === "file";
}

/** Names of the packages of which some version is installed for a kernel. */
export function activeNames(layout: Layout, kernel: KernelId): readonly ModuleName[] {
  return directories(layout.dkmsTree, listEntries)
    .map((name) => name as ModuleName)
    .filter((name) => readActive(layout, name, kernel) !== undefined);
}
