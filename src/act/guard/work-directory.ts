/** The directory of one test: on disk, with enough space, and removed when the test has ended; what a killed test has left goes with the next one. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout, guardLock, type Layout } from "../../model/machine/layout.ts";
import { freeSpace } from "../../system/files/free-space.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  rename,
  setMode,
} from "../../system/writing/file-changes.ts";
import { listEntries, realPath } from "../../system/files/files.ts";
import { takeLock } from "../../system/process/lock.ts";
import { clearUnfinishedFiles } from "../../system/writing/unfinished-files.ts";
import { clearDrafts } from "../cache/place.ts";

/** Where a test works. */
export interface WorkDirectory {
  /** Free of links. */
  readonly directory: string;
  /** Where packages are extracted: in memory, or on the disk. */
  readonly extracted: string;
  /** Files of incoming packages, below that, as they will lie below `/`. */
  readonly incoming: string;
  /** Where the machine is seen as it will be. Nothing ever removes a tree there: below it is the machine itself. */
  readonly machine: string;
}

/** A work directory that is held. */
export interface OpenWorkDirectory extends WorkDirectory {
  /** Removes it. What cannot be removed is moved aside and told: nothing of this can change what the test has found. */
  release(): void;
}

/** Where work directories are made: the machine's own places, or those of a user who is not root. */
export type WorkPlaces = Pick<Layout, "cache" | "run">;

/**
 * Holds all of them. Never a layout's own cache: that may lie in the dkms tree, which a test lays something else over. A cache that is a link to below /usr, say, lies
 * in what incoming files are laid over, which overlayfs refuses: then they are where nothing of a package is.
 */
function workPlace({ cache, run }: WorkPlaces): string {
  const isBelowPackages = /^\/(usr|etc|opt)\//.test(`${realPath(cache) ?? cache}/`);
  return join(isBelowPackages ? run : cache, "guard");
}

/** Makes a work directory; another test that is going on is waited for. `tell` is for what stays behind. */
export function openWorkDirectory(
  waiting: (holder: string) => void,
  tell: (text: string) => void,
  places: WorkPlaces = defaultLayout,
): OpenWorkDirectory {
  makeDirectory(places.cache);
  const place = workPlace(places);
  makeDirectory(place);
  const lock = takeLock(guardLock(places), waiting);
  const aside = join(places.cache, "not-removed");
  for (const { name } of listEntries(place)) clearAway(join(place, name), aside, tell);
  const made = makeTemporaryDirectory(join(place, "test-"));
  const directory = realPath(made) ?? made;
  // The build user passes through it to what is its own.
  setMode(directory, 0o711);
  return {
    ...workDirectoryAt(directory, places),
    release: () => {
      clearAway(directory, aside, tell);
      lock.release();
    },
  };
}

/** A work directory that another process holds. */
export function workDirectoryAt(directory: string, { run }: WorkPlaces): WorkDirectory {
  const extracted = join(directory, "extracted");
  return { directory, extracted, incoming: join(extracted, "incoming"), machine: join(run, "machine") };
}

/** Removes a directory, or moves it to where no later test meets it. */
function clearAway(path: string, aside: string, tell: (text: string) => void): void {
  try {
    removeTree(path);
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    try {
      makeDirectory(aside);
      const moved = makeTemporaryDirectory(`${join(aside, basename(path))}.`);
      rename(path, join(moved, basename(path)));
      tell(`${error.message} It now lies in ${moved} and can be removed by hand.`);
    } catch (second) {
      if (!(second instanceof DkmsError)) throw second;
      tell(`${error.message} It stays where it is.`);
    }
  }
}

/** Removes what a test that was killed had begun to write outside of its directory: results, logs and digests, which are the machine's. */
export function clearUnfinished(layout: Layout, tell: (text: string) => void): void {
  for (const clear of [
    () => clearDrafts(layout),
    () => clearUnfinishedFiles(layout.logs),
    () => clearUnfinishedFiles(layout.run),
  ]) {
    try {
      clear();
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      tell(error.message);
    }
  }
}

/** What builds take besides what they are given, in bytes. */
const margin = 96 * 1024 ** 2;

/** Why there is not enough space for files of so many bytes and for builds with them; undefined when there is. */
export function spaceObstacle(work: Pick<WorkDirectory, "directory">, bytes: number): string | undefined {
  const [needed, free] = [bytes + margin, freeSpace(work.directory)];
  if (free >= needed) return undefined;
  const text = (size: number): string => `${Math.ceil(size / 1024 ** 2)} MiB`;
  return `${dirname(work.directory)} has ${text(free)} of free space, and ${text(needed)} may be needed`;
}
