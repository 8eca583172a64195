/** Keeps a build from filling the disk on which it works: others need the rest of it, pacman first. */
import { fileFacts } from "../../system/files/files.ts";
import { fileSystemOf, freeSpace, takenBytes } from "../../system/files/free-space.ts";

const intervalMilliseconds = 200;
/** Bytes that stay free; on a disk that has less than twice as much, half of what is free when the command starts. */
const reserve = 512 * 1024 ** 2;
/** Bytes of a log; those of big modules have some hundred thousand. */
const longestLog = 1024 ** 3;

/** For what a command was stopped: bytes that were left on the disk, or those of its log. */
export interface Excess {
  readonly kind: "disk" | "log";
  readonly bytes: number;
}

/** A command's watch over the disk. */
export interface DiskWatch {
  /** Aborted when the caller's signal is, when the disk is nearly full, or when the log is too long. */
  readonly signal: AbortSignal;
  /** Undefined when the command was not stopped for it. */
  excess(): Excess | undefined;
  close(): void;
}

/** A command that is watched. */
interface Watched {
  readonly directories: readonly [string, ...string[]];
  readonly stop: AbortController;
  excess: Excess | undefined;
}

const watched = new Set<Watched>();

/** File systems on which something was stopped, and until when the others wait for the space that it leaves: it has to end, and its files to be removed. */
const clearing = new Map<number, number>();
const clearingMilliseconds = 30_000;

/**
 * Watches the file system of the first of some directories, and a log where there is one, until it is closed. Of several commands that write to the same
 * file system the one is stopped whose directories take most of it.
 */
export function watchDisk(
  directories: readonly [string, ...string[]],
  log: string | undefined,
  signal: AbortSignal,
): DiskWatch {
  const [directory] = directories;
  const floor = Math.min(reserve, freeSpace(directory) / 2);
  const fileSystem = fileSystemOf(directory) ?? 0;
  const own: Watched = { directories, stop: new AbortController(), excess: undefined };
  watched.add(own);
  const timer = setInterval(() => {
    const free = freeSpace(directory);
    const written = log === undefined ? 0 : (fileFacts(log)?.size ?? 0);
    if (free >= floor) clearing.delete(fileSystem);
    else if (own.excess === undefined && (clearing.get(fileSystem) ?? 0) < performance.now()) {
      clearing.set(fileSystem, performance.now() + clearingMilliseconds);
      stop(greediest(own, fileSystem), { kind: "disk", bytes: free });
    }
    if (own.excess === undefined && written > longestLog) stop(own, { kind: "log", bytes: written });
  }, intervalMilliseconds);
  return {
    signal: AbortSignal.any([signal, own.stop.signal]),
    excess: () => own.excess,
    close: () => {
      clearInterval(timer);
      watched.delete(own);
    },
  };
}

function stop(one: Watched, excess: Excess): void {
  one.excess = excess;
  one.stop.abort();
}

function greediest(own: Watched, fileSystem: number): Watched {
  const rivals = [...watched].filter(({ directories }) => fileSystemOf(directories[0]) === fileSystem);
  if (rivals.length < 2) return own;
  const taken = (one: Watched): number => one.directories.reduce((sum, directory) => sum + takenBytes(directory), 0);
  return rivals.reduce((most, one) => (taken(one) > taken(most) ? one : most), own);
}
