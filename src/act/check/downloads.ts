/** Downloads archives by pacman, which verifies them; what lies in a cache already is not downloaded again. */
import { join } from "node:path";
import type { PrivatePacman, UpgradePackage } from "../../model/check/upgrade.ts";
import { pacmanError } from "../../observe/check/resolve.ts";
import { makeDirectory, removeFile } from "../../system/writing/file-changes.ts";
import { listDirectory, targetKind } from "../../system/files/files.ts";
import { freeSpace } from "../../system/files/free-space.ts";
import { runPacman } from "./databases.ts";

/** Archives that are there now, by the package's name, and why others are not. */
export interface Downloads {
  readonly archives: ReadonlyMap<string, string>;
  readonly obstacle: string | undefined;
}

/** Bytes that stay free. */
const margin = 32 * 1024 ** 2;

/** Downloads what is missing. */
export async function download(
  pacman: PrivatePacman,
  packages: readonly UpgradePackage[],
  signal: AbortSignal,
): Promise<Downloads> {
  const find = ({ file }: UpgradePackage): string | undefined =>
    pacman.caches.map((cache) => join(cache, file)).find((path) => targetKind(path) === "file");
  const missing = packages.filter((one) => find(one) === undefined);
  const obstacle = missing.length === 0 ? undefined : await fetchThem(pacman, missing, signal);
  const found = packages.flatMap((one) => {
    const path = find(one);
    return path === undefined ? [] : [[one.name, path] as const];
  });
  return { archives: new Map(found), obstacle };
}

async function fetchThem(
  pacman: PrivatePacman,
  packages: readonly UpgradePackage[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const [cache] = pacman.caches;
  makeDirectory(cache);
  const bytes = packages.reduce((sum, { size }) => sum + size, margin);
  const free = freeSpace(cache);
  const text = (size: number): string => `${Math.ceil(size / 1024 ** 2)} MiB`;
  if (free < bytes) return `${cache} has ${text(free)} of free space, and ${text(bytes)} may be needed`;
  const names = packages.map(({ repository, name }) => `${repository}/${name}`);
  const { status, stderr } = await runPacman(pacman, ["-Swdd", "--", ...names], signal);
  return status === 0 ? undefined : `pacman could not download ${list(packages)}: ${pacmanError(stderr)}`;
}

function list(packages: readonly UpgradePackage[]): string {
  return packages.map(({ name }) => name).join(", ");
}

/** Removes archives from a cache of our own that are of no use any more. */
export function clearDownloads(cache: string, kept: Downloads): void {
  const used = new Set(kept.archives.values());
  for (const name of listDirectory(cache)) {
    const path = join(cache, name);
    if (/\.pkg\.tar(\.\w+)?(\.sig)?(\.part)?$/.test(name) && !used.has(path.replace(/\.sig$/, ""))) removeFile(path);
  }
}
