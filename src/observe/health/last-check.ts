/** Reads the last answer of `dkms check`. */
import { parseAnswer, type SavedAnswer } from "../../model/check/check.ts";
import { checkFile, type Layout } from "../../model/machine/layout.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind } from "../../system/files/files.ts";

/**
 * The answer; undefined when there is none, or when a package that it is about has been upgraded or removed since, to whatever version. `database` is
 * pacman's DBPath.
 */
export function readLastCheck(layout: Layout, database = "/var/lib/pacman"): SavedAnswer | undefined {
  const answer = parseAnswer(readText(checkFile(layout), longest) ?? "");
  const isThere = (name: string, version: string): boolean =>
    fileKind(`${database}/local/${name}-${version}`) === "directory";
  const isOver = answer?.packages.some(
    ({ name, version, installed }) => isThere(name, version) || (installed !== undefined && !isThere(name, installed)),
  );
  return isOver === true ? undefined : answer;
}

/** Bytes. */
const longest = 4 * 1024 ** 2;
