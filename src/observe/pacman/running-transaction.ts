/** What the transaction whose hook this is has brought, beyond what its own targets tell. */
import { join } from "node:path";
import type { ArrivedPackages } from "../../model/machine/arrived-packages.ts";
import { readFromLast } from "../../system/files/file-end.ts";
import { fileKind } from "../../system/files/files.ts";
import { packageFiles } from "./local-database.ts";
import type { PacmanSettings } from "./pacman-settings.ts";
import { lastTransaction, transactionStart } from "./transaction-log.ts";

/**
 * The arrivals of the transaction under way; undefined when there is none, as when a person runs the program. pacman holds its lock until the last hook
 * has ended, and has noted every package in its log by the time hooks run after the files have changed.
 */
export function readRunningTransaction({ database, log }: PacmanSettings): ArrivedPackages | undefined {
  if (fileKind(join(database, "db.lck")) === "none") return undefined;
  const changed = lastTransaction(readFromLast(log, transactionStart));
  const packages = new Set(changed.filter(({ result }) => result === "present").map(({ name }) => name));
  return { packages, paths: [...packageFiles(database, packages).values()].flat() };
}

/** Whether a path of a package's list is really there: NoExtract leaves files out, and pacman then matches no trigger with them. */
export function isExtracted(path: string): boolean {
  return fileKind(join("/", path)) !== "none";
}
