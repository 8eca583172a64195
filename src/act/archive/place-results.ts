/** Puts results that were built elsewhere into the tree. */
import { dirname } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { resultDirectory, stampFile } from "../../model/machine/layout.ts";
import type { Pair } from "../../model/pair.ts";
import { copyTree } from "../../system/writing/copies.ts";
import { makeTemporaryDirectory, removeFile, removeTree, setMode } from "../../system/writing/file-changes.ts";
import { fileKind } from "../../system/files/files.ts";
import { syncTree } from "../../system/writing/sync-tree.ts";
import { publish, recover } from "../compile/publish.ts";

/**
 * Copies a directory to `M/V/K/A` and makes it appear there in one step; a result that is there already stays, except with `force`.
 * The pair's stamp goes: nobody here knows what the result was built from. Needs the lock on the dkms tree; throws `file-failed`.
 */
export function placeResult(
  layout: Layout,
  pair: Pair,
  from: string,
  { force }: { readonly force: boolean },
): "placed" | "kept" {
  const result = resultDirectory(layout, pair);
  recover(dirname(result));
  if (!force && fileKind(result) !== "none") return "kept";
  const staged = makeTemporaryDirectory(`${dirname(result)}/.tmp_${pair.kernel.arch}_`);
  try {
    copyTree(from, staged);
    setMode(staged, 0o755);
    syncTree(staged);
    removeFile(stampFile(layout, pair));
    publish(staged, result).commit();
    return "placed";
  } finally {
    removeTree(staged);
  }
}
