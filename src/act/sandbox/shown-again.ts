/** Directories that a build sees laid out anew: mount points cannot be made in a read-only tree, so an empty one is laid over and filled again. */
import { listEntries, readLink } from "../../system/files/files.ts";

/** Arguments of bubblewrap that show in `directory`, as the build sees it, the entries of `from` again, but for those whose names are `hidden`. */
export function shownAgain(directory: string, from: string, hidden: (name: string) => boolean): readonly string[] {
  const words: string[] = [];
  for (const { name, kind } of listEntries(from)) {
    if (hidden(name)) continue;
    if (kind === "link") words.push("--symlink", readLink(`${from}/${name}`) ?? "", `${directory}/${name}`);
    // A concurrent run may remove it between the listing and the mount.
    else words.push("--ro-bind-try", `${from}/${name}`, `${directory}/${name}`);
  }
  return words;
}
