/** Names of packages that pacman knows: installed, or in a sync database. */
import { join } from "node:path";
import { listEntries, targetKind } from "../../system/files/files.ts";
import { findProgram, run } from "../../system/process/processes.ts";

/** What pacman knows. */
export interface KnownPackages {
  /** Undefined where there is no database of installed packages: this is no machine of pacman's. */
  readonly installed: ReadonlySet<string> | undefined;
  /** Empty where no sync database has been downloaded. */
  readonly offered: ReadonlySet<string>;
}

/** Reads both; `database` is pacman's DBPath. */
export async function readKnownPackages(database: string): Promise<KnownPackages> {
  const local = join(database, "local");
  if (targetKind(local) !== "directory") return { installed: undefined, offered: new Set() };
  const installed = listEntries(local).flatMap(({ name, kind }) =>
    kind === "directory" ? [/^(.+)-[^-]+-[^-]+$/.exec(name)?.[1] ?? name] : [],
  );
  const isListed = listEntries(join(database, "sync")).some(({ name }) => name.endsWith(".db"));
  const { status, stdout } =
    isListed && findProgram("pacman") !== undefined
      ? await run(["pacman", "--dbpath", database, "-Slq"])
      : { status: 1, stdout: "" };
  return { installed: new Set(installed), offered: new Set(status === 0 ? stdout.split("\n").filter(Boolean) : []) };
}
