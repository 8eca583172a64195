/** Package databases of our own, beside those of the system: they are synchronised, and the system's stay as they are. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import type { PrivatePacman } from "../../model/check/upgrade.ts";
import { pacmanError } from "../../observe/check/resolve.ts";
import { callerEnvironment, canBecomeOthers } from "../../system/environment.ts";
import {
  linkAtomically,
  makeDirectory,
  removeTree,
  setMode,
  writeAtomically,
} from "../../system/files/file-changes.ts";
import { run } from "../../system/process/processes.ts";

/** Where private files go. */
export interface CheckPlaces {
  /** A directory for this run alone. */
  readonly directory: string;
  /** Where downloads of a user who is not root go; undefined for pacman's own cache. */
  readonly downloads: string | undefined;
}

/** Reads pacman's settings and makes databases of our own; throws `file-failed` with pacman's own words when its settings cannot be read. */
export async function openDatabases({ directory, downloads }: CheckPlaces): Promise<PrivatePacman> {
  const { status, stdout, stderr } = await run(["pacman-conf"], { environment: { LC_ALL: "C.UTF-8" } });
  const why = stderr.trim().split("\n")[0] ?? "";
  if (status !== 0) {
    const words = why.replace(/^error: /, "").replace(/\.$/, "");
    throw new DkmsError("file-failed", `pacman's settings cannot be read: ${words}.`, {
      hint: "Fix /etc/pacman.conf. To see what pacman reads: pacman-conf",
    });
  }
  const values = (key: string): readonly string[] =>
    stdout.split("\n").flatMap((line) => (line.startsWith(`${key} = `) ? [line.slice(key.length + 3)] : []));
  const database = (values("DBPath")[0] ?? "/var/lib/pacman/").replace(/\/+$/, "");
  const own = join(directory, "databases");
  makeDirectory(join(own, "sync"));
  // A pacman that downloads as a user of its own passes through them.
  for (const path of [own, join(own, "sync")]) setMode(path, 0o755);
  linkAtomically(join(database, "local"), join(own, "local"));
  await copyDatabases(database, own);
  const system = values("CacheDir").map((path) => path.replace(/\/+$/, ""));
  const options = [`--dbpath=${own}`, "--logfile=/dev/null"];
  if (downloads !== undefined) makeDirectory(downloads);
  const caches = [...(downloads === undefined ? [] : [downloads]), ...system];
  if (!canBecomeOthers()) {
    const settings = join(directory, "pacman.conf");
    writeAtomically(settings, withoutOtherUser(stdout));
    options.push(`--config=${settings}`);
  }
  if (downloads !== undefined) options.push(...caches.map((path) => `--cachedir=${path}`));
  const [first = "/var/cache/pacman/pkg", ...others] = caches;
  return { options, database, caches: [first, ...others], repositories: repositoriesOf(stdout) };
}

/** Who has no right over other users cannot download as one of them. */
function withoutOtherUser(settings: string): string {
  return settings.replace(/^(DownloadUser = .*|DisableSandbox.*)\n/gm, "").replace(/^\[options\]\n/m, "[options]\n");
}

function repositoriesOf(settings: string): readonly string[] {
  return [...settings.matchAll(/^\[(.+)\]$/gm)].flatMap(([, name = ""]) => (name === "options" ? [] : [name]));
}

/** The system's databases are where we begin: only what has changed since is downloaded, and without a network they are what there is. */
async function copyDatabases(database: string, own: string): Promise<void> {
  const words = 'cp --preserve=timestamps -- "$1"/sync/*.db "$1"/sync/*.db.sig "$2" 2>/dev/null; true';
  await run(["bash", "--norc", "--noprofile", "-c", words, "dkms-check", database, join(own, "sync")]);
}

/** Synchronises them; returns why that was not possible, and leaves the system's copies then. */
export async function synchronise(
  pacman: PrivatePacman,
  { directory }: CheckPlaces,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (pacman.repositories.length === 0) return "pacman.conf names no repository";
  const { status, stderr } = await runPacman(pacman, ["-Sy"], signal);
  if (status === 0) return undefined;
  const own = join(directory, "databases");
  removeTree(join(own, "sync"));
  makeDirectory(join(own, "sync"));
  setMode(join(own, "sync"), 0o755);
  await copyDatabases(pacman.database, own);
  return pacmanError(stderr);
}

/** Runs pacman with these databases, for something that nobody is asked about. */
export function runPacman(
  { options }: PrivatePacman,
  words: readonly string[],
  signal: AbortSignal,
): ReturnType<typeof run> {
  return run(["pacman", ...words.slice(0, 1), ...options, "--noconfirm", "--noprogressbar", ...words.slice(1)], {
    environment: { LC_ALL: "C.UTF-8", ...proxies() },
    signal,
    timeoutSeconds: 0,
  });
}

/** What libcurl reads in pacman, and curl in an XferCommand. */
export function proxies(): Readonly<Record<string, string>> {
  const isProxy = ([name]: readonly [string, string]): boolean => /^(https?|ftp|all|no)_proxy$/i.test(name);
  return Object.fromEntries(Object.entries(callerEnvironment()).filter(isProxy));
}
