/** Reads the files of installed packages from pacman's local database. */
import { join } from "node:path";
import { listEntries, readText } from "../../system/files/files.ts";

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

/** The section `%FILES%`: one path a line until an empty one. */
function listedFiles(text: string): readonly string[] {
  const [, section = ""] = text.split(/^%FILES%\n/m);
  const [list = ""] = section.split("\n\n");
  return list.split("\n").filter((path) => path !== "");
}
