/** Keeps a build from filling the disk on which it works: others need the rest of it, pacman first. */
import { fileFacts } from "../../system/files/files.ts";
import { freeSpace } from "../../system/files/free-space.ts";

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

/** Watches the file system of a directory, and a log where there is one, until it is closed. */
export function watchDisk(directory: string, log: string | undefined, signal: AbortSignal): DiskWatch {
  const floor = Math.min(reserve, freeSpace(directory) / 2);
  const stop = new AbortController();
  let excess: Excess | undefined;
  const timer = setInterval(() => {
    const free = freeSpace(directory);
    const written = log === undefined ? 0 : (fileFacts(log)?.size ?? 0);
    if (free < floor) excess = { kind: "disk", bytes: free };
    else if (written > longestLog) excess = { kind: "log", bytes: written };
    if (excess === undefined) return;
    clearInterval(timer);
    stop.abort();
  }, intervalMilliseconds);
  return {
    signal: AbortSignal.any([signal, stop.signal]),
    excess: () => excess,
    close: () => clearInterval(timer),
  };
}
