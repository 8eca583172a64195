/** Where results are kept by content, and what killed runs have left there. */
import { join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { removeTree } from "../../system/writing/file-changes.ts";
import { listDirectory } from "../../system/files/files.ts";

/** Where entries are. */
export const resultCache = (layout: Layout): string => join(layout.cache, "results");

/** Where results of test builds are, apart from the others. */
export const testedResults = (layout: Layout): string => join(layout.cache, "tested");

/** Where failures are that a check has found. */
export const checkedFailures = (layout: Layout): string => join(layout.cache, "checked");

/** How the name of an entry begins that is being gathered. */
export const draftPrefix = ".new-";

/** Removes what was being gathered. A run and a test before a transaction may be at work side by side: the other one keeps nothing then, which costs a build. */
export function clearDrafts(layout: Layout): void {
  for (const directory of [resultCache(layout), testedResults(layout)]) {
    for (const name of listDirectory(directory)) if (name.startsWith(draftPrefix)) removeTree(join(directory, name));
  }
}
