/** The one reader of pacman's database of installed packages: `<DBPath>/local`, a directory for each, with its list of files in `files`. */
import { basename, dirname, join } from "node:path";
import { listEntries, readText, realPath, targetKind } from "../../system/files/files.ts";

/**
 * The paths among those given that some package owns; undefined where there is no database, so that nobody can tell. The lists name files without the
 * leading slash, one a line, by the path that they have when links are followed (`usr/lib/modules`, never `lib/modules`). `database` is pacman's DBPath.
 */
export function ownedFiles(database: string, paths: readonly string[]): ReadonlySet<string> | undefined {
  const local = join(database, "local");
  if (targetKind(local) !== "directory") return undefined;
  const owned = new Set<string>();
  const wanted = paths.map((path) => ({ path, line: `\n${listedName(path)}\n` }));
  for (const { name, kind } of wanted.length === 0 ? [] : listEntries(local)) {
    if (kind !== "directory") continue;
    const list = readText(join(local, name, "files")) ?? "";
    for (const { path, line } of wanted) if (list.includes(line)) owned.add(path);
  }
  return owned;
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
  return join(parent, basename(path)).slice(1);
}

/** The section `%FILES%`: one path a line until an empty one. */
function listedFiles(text: string): readonly string[] {
  const [, section = ""] = text.split(/^%FILES%\n/m);
  const [list = ""] = section.split("\n\n");
  return list.split("\n").filter((path) => path !== "");
}
