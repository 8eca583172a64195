/** The one reader of pacman's database of installed packages: `<DBPath>/local`, a directory for each, with its list of files in `files`. */
import { basename, dirname, join } from "node:path";
import { readText } from "../../system/files/content.ts";
import { listEntries, realPath, targetKind } from "../../system/files/files.ts";

/** The paths among those given that some package owns; undefined where there is no database, so that nobody can tell. `database` is pacman's DBPath. */
export function ownedFiles(database: string, paths: readonly string[]): ReadonlySet<string> | undefined {
  const owners = ownersIn(database, paths);
  return owners === undefined ? undefined : new Set(owners.keys());
}

/**
 * The package of each path that one owns; undefined where there is no database. The lists name files without the leading slash, one a line, directories with
 * a slash at their end, by the path that they have when links are followed (`usr/lib/modules`, never `lib/modules`). Lists are read until all owners are
 * known, those of packages whose names begin with `linux` first.
 */
export function ownersIn(database: string, paths: readonly string[]): ReadonlyMap<string, string> | undefined {
  const local = join(database, "local");
  if (targetKind(local) !== "directory") return undefined;
  const owners = new Map<string, string>();
  const open = new Map(paths.map((path) => [path, `\n${listedName(path)}\n`]));
  if (open.size === 0) return owners;
  const entries = listEntries(local).filter(({ kind }) => kind === "directory");
  const isKernel = (name: string): boolean => name.startsWith("linux");
  for (const { name } of entries.toSorted((x, y) => Number(isKernel(y.name)) - Number(isKernel(x.name)))) {
    const list = readText(join(local, name, "files")) ?? "";
    for (const [path, line] of open) {
      if (!list.includes(line)) continue;
      owners.set(path, /^(.+)-[^-]+-[^-]+$/.exec(name)?.[1] ?? name);
      open.delete(path);
    }
    if (open.size === 0) break;
  }
  return owners;
}

/** The paths that each of some packages owns, without leading slash, directories with a slash at their end; a package that is not installed has no entry. */
export function packageFiles(database: string, names: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const local = join(database, "local");
  for (const { name: entry, kind } of listEntries(local)) {
    const name = /^(.+)-[^-]+-[^-]+$/.exec(entry)?.[1];
    if (kind !== "directory" || name === undefined || !names.has(name)) continue;
    found.set(name, listedFiles(readText(join(local, entry, "files")) ?? ""));
  }
  return found;
}

/** Links in the directory are followed, the file itself may be one. */
function listedName(path: string): string {
  const parent = realPath(dirname(path)) ?? dirname(path);
  return `${join(parent, basename(path)).slice(1)}${path.endsWith("/") ? "/" : ""}`;
}

/** The section `%FILES%`: one path a line until an empty one. */
function listedFiles(text: string): readonly string[] {
  const [, section = ""] = text.split(/^%FILES%\n/m);
  const [list = ""] = section.split("\n\n");
  return list.split("\n").filter((path) => path !== "");
}
