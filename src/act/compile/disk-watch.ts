/** Keeps a build from filling the disk on which it works: others need the rest of it, pacman first. */
import { freeSpace } from "../../system/files/free-space.ts";

const intervalMilliseconds = 200;
/** Bytes that stay free; on a disk that has less than twice as much, half of what is free when the command starts. */
const reserve = 512 * 1024 ** 2;

/** A command's watch over the disk. */
export interface DiskWatch {
  /** Aborted when the caller's signal is, or when the disk is nearly full. */
  readonly signal: AbortSignal;
  /** Bytes that were left when the command was stopped for it; undefined when it was not. */
  left(): number | undefined;
  close(): void;
}

/** Watches the file system of a directory until it is closed. */
export function watchDisk(directory: string, signal: AbortSignal): DiskWatch {
  const floor = Math.min(reserve, freeSpace(directory) / 2);
  const full = new AbortController();
  let left: number | undefined;
  const timer = setInterval(() => {
    const free = freeSpace(directory);
    if (free >= floor) return;
    left = free;
    clearInterval(timer);
    full.abort();
  }, intervalMilliseconds);
  return {
    signal: AbortSignal.any([signal, full.signal]),
    left: () => left,
    close: () => clearInterval(timer),
  };
}
