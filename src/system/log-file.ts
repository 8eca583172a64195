/** A log that programs write to through a descriptor they inherit, so that their two streams stay in order. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { failed } from "./files/errors.ts";
import { placeOf } from "./files/other-machine.ts";
import { makeDirectory } from "./writing/file-changes.ts";

/** A log file that is open until it is closed. */
export interface LogFile {
  readonly path: string;
  /** To be handed to programs; every write goes to the end of the file. */
  readonly descriptor: number;
  write(text: string): void;
  /** Length in bytes so far. */
  length(): number;
  /** What has been written from a position on, at most the last `longest` bytes of it. */
  since(position: number, longest: number): string;
  /** Leaves out what follows after so many bytes; returns how many that are. */
  cut(longest: number): number;
  close(): void;
}

/** Starts a log that does not exist yet; throws `file-failed`. */
export function createLogFile(path: string): LogFile {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants;
  makeDirectory(dirname(path));
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw failed("write", `the log ${path}`, error, path);
    }
  };
  const descriptor = guarded(() => openSync(placeOf(path), O_APPEND | O_CREAT | O_EXCL | O_RDWR, 0o644));
  const length = (): number => guarded(() => fstatSync(descriptor).size);
  return {
    path,
    descriptor,
    length,
    write: (text) => guarded(() => void writeSync(descriptor, text)),
    since: (position, longest) => {
      const end = length();
      const start = Math.max(position, end - longest);
      const bytes = Buffer.alloc(Math.max(0, end - start));
      const count = guarded(() => readSync(descriptor, bytes, 0, bytes.length, start));
      return bytes.subarray(0, count).toString("utf8");
    },
    cut: (longest) => {
      const excess = length() - longest;
      if (excess > 0) guarded(() => ftruncateSync(descriptor, longest));
      return Math.max(0, excess);
    },
    close: () => closeSync(descriptor),
  };
}
