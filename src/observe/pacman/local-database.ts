/** Which files packages own, read from pacman's database of installed packages. */
import { basename, dirname, join } from "node:path";
import { listEntries, readText, realPath } from "../../system/files/files.ts";

/** Where pacman keeps a directory for every installed package, with its list of files in `files`. */
const database = "/var/lib/pacman/local";

/**
 * The paths among those given that some package owns. The lists name files without the leading slash, one a line, by the path that they have when
 * links are followed (`usr/lib/modules`, never `lib/modules`). Every list is read once, and none when nothing is asked.
 */
export function ownedFiles(paths: readonly string[], directory: string = database): ReadonlySet<string> {
  const owned = new Set<string>();
  if (paths.length === 0) return owned;
  const wanted = paths.map((path) => ({ path, line: `\n${listedName(path)}\n` }));
  for (const { name, kind } of listEntries(directory)) {
    if (kind !== "directory") continue;
    const list = readText(join(directory, name, "files")) ?? "";
    for (const { path, line } of wanted) if (list.includes(line)) owned.add(path);
  }
  return owned;
}

/** Links in the directory are followed, the file itself may be one. */
function listedName(path: string): string {
  const parent = realPath(dirname(path)) ?? dirname(path);
  return join(parent, basename(path)).slice(1);
}
