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
} from "../../system/writing/file-changes.ts";
import { fileKind, targetKind } from "../../system/files/files.ts";
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
  const own = databasesOf(directory);
  makeDirectory(join(own, "sync"));
  // A pacman that downloads as a user of its own passes through them.
  for (const path of [own, join(own, "sync")]) setMode(path, 0o755);
  linkAtomically(join(database, "local"), join(own, "local"));
  await copyDatabases(database, own);
  const system = values("CacheDir").map((path) => path.replace(/\/+$/, ""));
  const options = [`--dbpath=${own}`, "--logfile=/dev/null"];
  if (downloads !== undefined) makeDirectory(downloads);
  const caches = [...(downloads === undefined ? [] : [downloads]), ...system];
  if (!canBecomeOthers()) options.push(writeSettings(directory, withoutOtherUser(stdout)));
  if (downloads !== undefined) options.push(...caches.filter(isDirectory).map((path) => `--cachedir=${path}`));
  const [first = "/var/cache/pacman/pkg", ...others] = caches;
  return { options, database, caches: [first, ...others], settings: stdout };
}

const databasesOf = (directory: string): string => join(directory, "databases");

/** Writes settings of our own and gives the option that names them; pacman-conf prints what pacman can read. */
function writeSettings(directory: string, settings: string): string {
  const path = join(directory, "pacman.conf");
  writeAtomically(path, withoutMissingDirectories(settings));
  return `--config=${path}`;
}

/** pacman 7.1 refuses settings that name a directory which is not there; its own defaults, which pacman-conf prints as well, may be such. */
function withoutMissingDirectories(settings: string): string {
  return settings.replace(/^(?:CacheDir|HookDir|GPGDir) = (.+)\n/gm, (line, path: string) =>
    isDirectory(path) ? line : "",
  );
}

function isDirectory(path: string): boolean {
  return targetKind(path) === "directory";
}

/** Who has no right over other users cannot download as one of them. */
function withoutOtherUser(settings: string): string {
  return settings.replace(/^(DownloadUser = .*|DisableSandbox.*)\n/gm, "");
}

function repositoriesOf(settings: string): readonly string[] {
  return [...settings.matchAll(/^\[(.+)\]$/gm)].flatMap(([, name = ""]) => (name === "options" ? [] : [name]));
}

/** The system's databases are where we begin: only what has changed since is downloaded, and without a network they are what there is. */
async function copyDatabases(database: string, own: string): Promise<void> {
  const words = 'cp --preserve=timestamps -- "$1"/sync/*.db "$1"/sync/*.db.sig "$2" 2>/dev/null; true';
  await run(["bash", "--norc", "--noprofile", "-c", words, "dkms-check", database, join(own, "sync")]);
}

/** Databases that are as new as can be. */
interface Synchronised {
  readonly pacman: PrivatePacman;
  /** Why they could not be synchronised: then they are the system's. */
  readonly why: string | undefined;
}

/** Synchronises them; where that is not possible, a repository whose database was never here is left out. */
export async function synchronise(
  pacman: PrivatePacman,
  { directory }: CheckPlaces,
  signal: AbortSignal,
): Promise<Synchronised> {
  const repositories = repositoriesOf(pacman.settings);
  if (repositories.length === 0) return { pacman, why: "pacman.conf names no repository" };
  const { status, stderr } = await runPacman(pacman, ["-Sy"], signal);
  if (status === 0) return { pacman, why: undefined };
  const own = databasesOf(directory);
  removeTree(join(own, "sync"));
  makeDirectory(join(own, "sync"));
  setMode(join(own, "sync"), 0o755);
  await copyDatabases(pacman.database, own);
  const missing = repositories.filter((name) => fileKind(join(own, "sync", `${name}.db`)) !== "file");
  const why = await reasonOf(pacman, stderr);
  if (missing.length === 0) return { pacman, why };
  const others = pacman.options.filter((option) => !option.startsWith("--config="));
  const settings = missing.reduce(withoutRepository, withoutOtherUser(pacman.settings));
  const options = [...others, writeSettings(directory, settings)];
  return { pacman: { ...pacman, options, settings }, why };
}

/** pacman's own words. Those of pacman 6.0 for a signature that it did not even ask for blame the repository; 7.0 asks for it. */
async function reasonOf({ settings }: PrivatePacman, stderr: string): Promise<string> {
  const why = pacmanError(stderr);
  if (!/missing required signature/.test(why) || !/^XferCommand = /m.test(settings)) return why;
  const { stdout } = await run(["pacman", "--version"], { environment: { LC_ALL: "C.UTF-8" }, timeoutSeconds: 20 });
  if (!/Pacman v6\.0\./.test(stdout)) return why;
  return `${why}. pacman 6.0 does not fetch signatures of databases by XferCommand, so pacman -Sy fails as well`;
}

function withoutRepository(settings: string, name: string): string {
  const sections = settings.split(/^(?=\[)/m);
  return sections.filter((section) => !section.startsWith(`[${name}]\n`)).join("");
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
