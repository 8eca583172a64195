/** Which packages own files, by the database of the pacman whose hook this is, or of the machine's settings. */
import { findProgram } from "../../system/process/processes.ts";
import { findCallingPacman } from "./incoming/calling-pacman.ts";
import { ownersIn } from "./local-database.ts";
import { readPacmanSettings } from "./pacman-settings.ts";

/** The package of each path that some package owns. Costs a start of pacman-conf and a look into the lists, nothing for no path. */
export async function fileOwners(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return paths.length === 0 ? new Map() : (ownersIn(await databasePath(), paths) ?? new Map());
}

async function databasePath(): Promise<string> {
  const options = findCallingPacman()?.command.database ?? [];
  const value = (name: string): string | undefined =>
    options.findLast((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3);
  // With another root the hook runs inside that root, where paths of the command line mean something else.
  const isElsewhere = value("root") !== undefined || value("sysroot") !== undefined;
  const given = isElsewhere ? undefined : value("dbpath");
  if (given !== undefined) return given;
  if (findProgram("pacman-conf") === undefined) return "/var/lib/pacman";
  return (await readPacmanSettings(isElsewhere ? undefined : value("config"))).database;
}
