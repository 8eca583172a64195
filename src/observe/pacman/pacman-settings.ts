/** Where pacman has its hooks, its database and its log, as its own pacman-conf tells. */
import { join } from "node:path";
import { run } from "../../system/process/processes.ts";

/** The places, absolute and without a slash at their end. */
export interface PacmanSettings {
  /** The HookDirs in their order, the last one overriding the others. */
  readonly hookDirectories: readonly [string, ...string[]];
  readonly database: string;
  readonly log: string;
  /** `Color` is set. */
  readonly isColoured: boolean;
}

/** Reads pacman.conf, or another file; what pacman-conf does not tell is where pacman has it by default. */
export async function readPacmanSettings(config?: string): Promise<PacmanSettings> {
  const file = config === undefined ? [] : ["--config", config];
  const { status, stdout } = await run(["pacman-conf", ...file, "DBPath", "LogFile", "HookDir", "Color"]);
  const told = new Map<string, string[]>();
  for (const line of status === 0 ? stdout.split("\n") : []) {
    const [, name = "", path] = /^(\w+) = (\/.*)$/.exec(line) ?? [];
    if (path !== undefined) told.set(name, [...(told.get(name) ?? []), join(path.replace(/(?<=.)\/+$/, ""))]);
  }
  const [first = "/etc/pacman.d/hooks", ...others] = told.get("HookDir") ?? [];
  return {
    hookDirectories: [first, ...others],
    database: told.get("DBPath")?.[0] ?? "/var/lib/pacman",
    isColoured: status === 0 && /^Color$/m.test(stdout),
    log: told.get("LogFile")?.[0] ?? "/var/log/pacman.log",
  };
}
