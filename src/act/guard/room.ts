/** The directory of one test: on disk, with enough space, and gone when the test has ended; what a killed test has left goes with the next one. */
import { join } from "node:path";
import { defaultLayout, guardLock, type Layout } from "../../model/machine/layout.ts";
import { freeSpace } from "../../system/files/free-space.ts";
import { makeDirectory, makeTemporaryDirectory, removeTree } from "../../system/files/file-changes.ts";
import { listEntries } from "../../system/files/files.ts";
import { takeLock } from "../../system/process/lock.ts";
import { clearUnfinishedFiles } from "../../system/files/unfinished-files.ts";
import { clearDrafts } from "../cache/place.ts";

/** Where a test works. */
export interface GuardRoom {
  readonly directory: string;
  /** Files of incoming packages, as they will lie below `/`. */
  readonly incoming: string;
  /** The dkms tree, and the state of our own, that builds see and write to. */
  readonly tree: string;
  readonly state: string;
  /** The machine as it is, while things are laid over it. */
  readonly below: string;
  /** What the test has to say, a line of JSON for each thing. */
  readonly report: string;
  /** Removes it. */
  release(): void;
}

/** All rooms. Never a layout's own cache: that may lie in the dkms tree, which a test lays something else over. */
const rooms = join(defaultLayout.cache, "guard");

/** Makes a room; another test that is going on is waited for. */
export function openRoom(waiting: (holder: string) => void): GuardRoom {
  makeDirectory(rooms);
  const lock = takeLock(guardLock(defaultLayout), waiting);
  for (const { name } of listEntries(rooms)) removeTree(join(rooms, name));
  const directory = makeTemporaryDirectory(join(rooms, "test-"));
  return {
    ...roomAt(directory),
    release: () => {
      try {
        removeTree(directory);
      } finally {
        lock.release();
      }
    },
  };
}

/** Removes what a test that was killed had begun to write outside of its room: results, logs and digests, which are the machine's. */
export function clearUnfinished(layout: Layout): void {
  clearDrafts(layout);
  clearUnfinishedFiles(layout.logs);
  clearUnfinishedFiles(layout.run);
}

/** The parts of a room. */
export function roomAt(directory: string): Omit<GuardRoom, "release"> {
  return {
    directory,
    incoming: join(directory, "incoming"),
    tree: join(directory, "tree"),
    state: join(directory, "state"),
    below: join(directory, "below"),
    report: join(directory, "report"),
  };
}

/** What builds take besides what they are given, in bytes. */
const margin = 96 * 1024 ** 2;

/** Why there is not enough space for files of so many bytes and for builds with them; undefined when there is. */
export function spaceObstacle(room: Pick<GuardRoom, "directory">, bytes: number): string | undefined {
  const [needed, free] = [bytes + margin, freeSpace(room.directory)];
  if (free >= needed) return undefined;
  const text = (size: number): string => `${Math.ceil(size / 1024 ** 2)} MiB`;
  return `${rooms} has ${text(free)} of free space, and ${text(needed)} may be needed`;
}
