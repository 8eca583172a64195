/** What a build reads that lies neither in its source nor among the headers: files of the package that brings the source, and places that the source names. */
import { dirname, join, normalize } from "node:path";
import { readShort } from "../../system/files/content.ts";
import { listTree, readLink, realPath, targetKind } from "../../system/files/files.ts";
import { walkFiles } from "../../system/files/walk.ts";
import { ownersIn, packageFiles } from "../pacman/local-database.ts";

/** Absolute paths of files and directories, sorted; a directory stands for everything in it. */
export interface Beyond {
  /** What the source names, and where its links lead. */
  readonly named: readonly string[];
  /** What else the package brings that owns the source. */
  readonly packaged: readonly string[];
}

/** Finds them before builds, each source once a run; stamps remember them. */
export class InputsBeyond {
  readonly #database: string;
  readonly #found = new Map<string, Beyond>();

  /** `database` is pacman's DBPath. */
  constructor(database = "/var/lib/pacman") {
    this.#database = database;
  }

  /** Those of a source that is built against these headers. */
  of(source: string, headers: string): Beyond {
    const key = `${source}\0${headers}`;
    const found = this.#found.get(key) ?? this.#find(source, headers);
    this.#found.set(key, found);
    return found;
  }

  #find(source: string, headers: string): Beyond {
    const root = realPath(source) ?? source;
    const inside = [root, source, headers, realPath(headers) ?? headers];
    const isBeyond = (path: string): boolean => !inside.some((place) => path === place || path.startsWith(`${place}/`));
    const sifted = (places: readonly string[]): readonly string[] =>
      [...new Set(places.map((path) => normalize(path).replace(/\/$/, "")))].filter(
        (path) => isBeyond(path) && isInput(path),
      );
    const named = sifted(ofSource(root)).toSorted();
    const packaged = sifted(ofPackage(root, this.#database)).filter((path) => !named.includes(path));
    return { named, packaged: packaged.toSorted() };
  }
}

/** Everything that the package owns which owns the source. */
function ofPackage(source: string, database: string): readonly string[] {
  const conf = join(source, "dkms.conf");
  const owner = ownersIn(database, [conf])?.get(conf);
  if (owner === undefined) return [];
  const files = packageFiles(database, new Set([owner])).get(owner) ?? [];
  return files.filter((path) => !path.endsWith("/")).map((path) => `/${path}`);
}

/** Where links in the source lead, and absolute paths in the texts that make, bash and the preprocessor read. */
function ofSource(root: string): readonly string[] {
  return listTree(root).flatMap(({ path, kind }) => {
    const full = join(root, path);
    if (kind === "link") {
      const target = readLink(full) ?? "";
      return [target.startsWith("/") ? target : join(dirname(full), target)];
    }
    if (kind !== "file") return [];
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (recipes.test(name)) return [...textOf(full).matchAll(absolute)].map(([, found = ""]) => found);
    return /\.[ch]$/.test(name) ? [...textOf(full).matchAll(included)].map(([, found = ""]) => found) : [];
  });
}

const recipes = /^(GNUm|[Mm])akefile|^Kbuild|\.(mk|mak|sh|conf|in)$/;
const absolute = /(?:(?<![\w.])-[ILB]|(?<![\w./$)}-]))(\/[\w@%+.,-]+(?:\/[\w@%+.,-]+)+)/g;
const included = /^[ \t]*#[ \t]*include[ \t]*["<](\/[^">\n]+)[">]/gm;

/** No makefile is longer. */
function textOf(path: string): string {
  return readShort(path, 4 * 1024 ** 2)?.toString("latin1") ?? "";
}

/** Programs and the machine's own headers count as the toolchain; what changes by itself counts as nothing. */
const others =
  /^\/(dev|proc|sys|run|boot|etc|bin|sbin|lib\/modules|usr\/(bin|sbin|include|local\/s?bin|lib\/(modules|gcc))|var\/(lib\/(dkms|pacman)|cache|log))(\/|$)/;
/** Directories that hold everybody's files. */
const wide = /^\/([^/]+|(usr|home|var|mnt|srv)\/[^/]+|usr\/local\/[^/]+)$/;
/** Files of a directory that is looked at; one with more is no part of a module. */
const most = 2000;

function isInput(path: string): boolean {
  if (path === "" || others.test(path)) return false;
  const kind = targetKind(path);
  return kind === "file" || (kind === "directory" && !wide.test(path) && isSmall(path));
}

function isSmall(directory: string): boolean {
  let count = 0;
  for (const _ of walkFiles(directory)) if ((count += 1) > most) return false;
  return true;
}
