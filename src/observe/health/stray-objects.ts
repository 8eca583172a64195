/** Finds kernel objects in the kernels' directories for DKMS that no installed pair accounts for. */
import { join } from "node:path";
import { dkmsLocation } from "../../model/settings/install-location.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import type { FoundObject } from "../../model/health/leftovers.ts";
import { pairKey } from "../../model/pair.ts";
import type { Kernel, World } from "../../model/machine/world.ts";
import { readBytes } from "../../system/files/content.ts";
import { realPath } from "../../system/files/files.ts";
import { findProgram } from "../../system/process/processes.ts";
import { walkFiles } from "../../system/files/walk.ts";
import type { ObserveContext } from "../context.ts";
import { readModuleInfo } from "../objects/module-info.ts";
import { ownedFiles } from "../pacman/local-database.ts";
import { readPacmanSettings } from "../pacman/pacman-settings.ts";

/** What no pair accounts for. */
export interface StrayFiles {
  readonly objects: readonly FoundObject[];
  /** Files that were being written when a run was killed. */
  readonly staged: readonly { readonly release: string; readonly path: string }[];
}

/** Looks through every kernel's directory; packages and modinfo are asked only about objects that no installed pair accounts for. */
export async function readStrayObjects(context: ObserveContext, world: World): Promise<StrayFiles> {
  const candidates: { kernel: Kernel; path: string; name: string }[] = [];
  const staged: { release: string; path: string }[] = [];
  const accountedFor = accountedNames(world);
  for (const kernel of world.kernels) {
    const start = join(kernelDirectory(context.layout, kernel.release), dkmsLocation);
    // A link may lead anywhere, into another kernel's directory even.
    if (!isWithin(start, kernelDirectory(context.layout, kernel.release))) continue;
    const accounted = accountedFor.get(kernel.release) ?? new Set();
    for (const { directory, name: fileName } of walkFiles(start)) {
      const path = join(start, directory, fileName);
      const name = parseObjectFileName(fileName)?.name;
      if (name === undefined && fileName.endsWith(".dkms-new")) staged.push({ release: kernel.release, path });
      if (name !== undefined && !accounted.has(name)) candidates.push({ kernel, path, name });
    }
  }
  const owned = candidates.length === 0 ? undefined : await readOwned(candidates.map(({ path }) => path));
  const objects: FoundObject[] = [];
  for (const { kernel, path, name } of candidates) {
    const owner = owned === undefined ? "unknown" : owned.has(path) ? "package" : "none";
    objects.push({ release: kernel.release, path, name, owner, loadable: await isLoadable(path, kernel) });
  }
  return { objects, staged };
}

/** pacman's database may lie anywhere (DBPath in pacman.conf). */
async function readOwned(paths: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  const { database } = await readPacmanSettings();
  return ownedFiles(database, paths);
}

/** Names of the objects of pairs that are installed for each kernel: those that were built, and those that their confs want. */
function accountedNames(world: World): ReadonlyMap<string, ReadonlySet<string>> {
  const accounted = new Map<string, Set<string>>();
  for (const { pair, state, objects } of world.modules.flatMap(({ pairs }) => pairs)) {
    if (state !== "installed") continue;
    const names = accounted.get(pair.kernel.release) ?? new Set();
    accounted.set(pair.kernel.release, names);
    for (const file of objects) names.add(parseObjectFileName(file)?.name ?? file);
    const conf = world.confs.get(pairKey(pair));
    if (conf?.kind === "valid") for (const { destName } of conf.directives.objects) names.add(destName);
  }
  return accounted;
}

/**
 * Whether a kernel may be able to load an object: its `vermagic` names the release. A compressed one that modinfo cannot read may well be loadable,
 * and where there is no modinfo everything may.
 */
async function isLoadable(path: string, kernel: Kernel): Promise<boolean> {
  if (kernel.modules !== "present") return false;
  if (findProgram("modinfo") === undefined) return true;
  const info = await readModuleInfo(path);
  if (info !== undefined) return info.vermagic?.split(" ", 1)[0] === kernel.release;
  return hasMagic(path);
}

/** The first bytes of what gzip, xz and zstd write. */
const magics: readonly (readonly [suffix: string, bytes: string])[] = [
  [".gz", "1f8b"],
  [".xz", "fd377a585a00"],
  [".zst", "28b52ffd"],
];

function hasMagic(path: string): boolean {
  const magic = magics.find(([suffix]) => path.endsWith(suffix))?.[1];
  const file = magic === undefined ? undefined : realPath(path);
  if (magic === undefined || file === undefined) return false;
  return readBytes(file)?.subarray(0, 16).toString("hex").startsWith(magic) === true;
}

function isWithin(path: string, directory: string): boolean {
  const real = realPath(path);
  const root = realPath(directory);
  return real !== undefined && root !== undefined && real.startsWith(`${root}/`);
}
