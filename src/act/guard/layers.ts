/** Which directories of the machine the incoming files lie over: names are followed as pacman follows them, so a directory goes where the machine's link of that name leads. */
import { join } from "node:path";
import { makeDirectory, removeTree, rename, setMode } from "../../system/writing/file-changes.ts";
import { fileKind, listEntries, realPath, targetKind } from "../../system/files/files.ts";
import type { WorkDirectory } from "./work-directory.ts";

/** A directory of the machine with what is laid over it. */
export interface Layer {
  /** Its path on the machine, free of links. */
  readonly at: string;
  readonly directories: readonly string[];
  /** Whose files win; in `/etc` the machine's own, as pacman keeps what an administrator has changed. */
  readonly first: "incoming" | "machine";
}

/** Top directories whose files no build is to see from a package that is not installed. */
const left: ReadonlySet<string> = new Set(["boot", "dev", "home", "proc", "root", "run", "srv", "sys", "tmp", "var"]);

/** Finds them below `top`, which is `/`, the outermost first; what goes where a link leads is moved out of the extracted tree. */
export function layersOf(work: Pick<WorkDirectory, "extracted" | "incoming">, top = "/"): readonly Layer[] {
  const found = new Map<string, string[]>();
  const add = (at: string, directory: string): void => {
    found.set(at, [...(found.get(at) ?? []), directory]);
  };
  let count = 0;
  /** Looks for links of the machine where the package has directories. */
  const visit = (directory: string, machine: string): void => {
    for (const { name, kind } of listEntries(directory)) {
      const [from, at] = [join(directory, name), join(machine, name)];
      if (kind !== "directory") continue;
      const real = fileKind(at) === "link" && targetKind(at) === "directory" ? realPath(at) : undefined;
      if (real !== undefined) {
        const moved = join(work.extracted, "layers", String((count += 1)));
        makeDirectory(join(work.extracted, "layers"));
        setMode(join(work.extracted, "layers"), 0o700);
        rename(from, moved);
        add(real, moved);
        visit(moved, real);
      } else if (fileKind(at) === "directory") {
        if (machine === top) add(at, from);
        visit(from, at);
      }
    }
  };
  for (const { name, kind } of listEntries(work.incoming)) {
    // A new top directory would have no place on the machine to lie over.
    if (kind === "directory" && left.has(name)) removeTree(join(work.incoming, name));
  }
  visit(work.incoming, top);
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([at, directories]) => ({
      at,
      directories: [...directories, ...outer(found, at)],
      first: at === "/etc" || at.startsWith("/etc/") ? "machine" : "incoming",
    }));
}

/** What layers over a directory above have there. */
function outer(layers: ReadonlyMap<string, readonly string[]>, at: string): readonly string[] {
  return [...layers]
    .filter(([above]) => at.startsWith(`${above}/`))
    .flatMap(([above, directories]) => directories.map((directory) => `${directory}${at.slice(above.length)}`));
}
