/** Where the archives of a transaction may be: files on pacman's command line, what it would take from its repositories, its download cache. */
import { join } from "node:path";
import { fileFacts, listDirectory, realPath, targetKind } from "../../../system/files/files.ts";
import { run } from "../../../system/process/processes.ts";
import type { CallingPacman } from "./calling-pacman.ts";

/** A file that may be an archive of the transaction. */
export interface Candidate {
  readonly path: string;
  /** The package's name as far as the file's name or pacman tells it. */
  readonly name: string | undefined;
  /** `given`: pacman was given this very file, whatever its name is. `transaction`: pacman has named it. `cache`: it merely lies where downloads do. */
  readonly origin: "given" | "transaction" | "cache";
}

/** Where a distribution without settings has downloads. */
const defaultCache = "/var/cache/pacman/pkg";

/** Every candidate, those that pacman names first, then downloads, the newest first. */
export async function findCandidates(
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const caches = await cacheDirectories(pacman, signal);
  const named = pacman === undefined ? [] : [...givenFiles(pacman, caches), ...(await syncFiles(pacman, signal))];
  const seen = new Set(named.map(({ path }) => path));
  return [...named, ...caches.flatMap(downloads).filter(({ path }) => !seen.has(path))];
}

/** `NAME-VERSION-RELEASE-ARCH.pkg.tar.zst` */
export function packageOfFile(fileName: string): string | undefined {
  return /^(.+)-[^-]+-[^-]+-[^-]+\.pkg\.tar(?:\.[a-z0-9]+)?$/.exec(fileName)?.[1];
}

/** Files that `pacman -U` was given; what it was given by address lies in the cache, and relative names mean a directory that it holds open. */
function givenFiles({ command, directories }: CallingPacman, caches: readonly string[]): readonly Candidate[] {
  if (command.operation !== "upgrade") return [];
  return command.targets.flatMap((target) => {
    const local = target.startsWith("file://") ? target.slice("file://".length) : target;
    const fileName = local.slice(local.lastIndexOf("/") + 1);
    const places = /^[a-z]+:\/\//.test(local)
      ? caches.map((cache) => join(cache, fileName))
      : local.startsWith("/")
        ? [local]
        : directories.map((directory) => `${directory}/${local}`);
    const path = places.find((place) => targetKind(place) === "file");
    if (path === undefined) return [];
    return [{ path: realPath(path) ?? path, name: packageOfFile(fileName), origin: "given" as const }];
  });
}

/** What a `pacman -S` takes, asked of another pacman, which may print under the lock of the first. */
async function syncFiles({ command }: CallingPacman, signal: AbortSignal): Promise<readonly Candidate[]> {
  if (command.operation !== "sync") return [];
  const upgrades = Array.from({ length: Math.min(command.sysupgrades, 2) }, () => "-u");
  const targets = command.targets.filter((target) => target !== "-");
  const format = ["--print", "--print-format", "%n %l", "--noconfirm"];
  const { stdout } = await run(["pacman", "-S", ...upgrades, ...format, ...command.options, "--", ...targets], {
    environment: { LC_ALL: "C.UTF-8" },
    signal,
    timeoutSeconds: 60,
  });
  return stdout.split("\n").flatMap((line) => {
    const [, name, path] = /^(\S+) file:\/\/(.+)$/.exec(line) ?? [];
    if (name === undefined || path === undefined || targetKind(path) !== "file") return [];
    return [{ path, name, origin: "transaction" as const }];
  });
}

async function cacheDirectories(pacman: CallingPacman | undefined, signal: AbortSignal): Promise<readonly string[]> {
  const given = pacman?.command.cacheDirectories ?? [];
  if (given.length > 0) return given;
  const config = pacman?.command.config;
  const words = config === undefined ? [] : [`--config=${config}`];
  const { status, stdout } = await run(["pacman-conf", ...words, "CacheDir"], { signal, timeoutSeconds: 20 });
  const found = status === 0 ? stdout.split("\n").filter((line) => line.startsWith("/")) : [];
  return found.length > 0 ? found : [defaultCache];
}

function downloads(cache: string): readonly Candidate[] {
  return listDirectory(cache)
    .flatMap((fileName) => {
      const name = packageOfFile(fileName);
      const path = join(cache, fileName);
      return name === undefined ? [] : [{ path, name, time: fileFacts(path)?.modified ?? 0n }];
    })
    .toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
    .map(({ path, name }) => ({ path, name, origin: "cache" as const }));
}
