/** The pipe of GNU make's jobserver: every byte in it is one job that may run. */
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { systemPath } from "../environment.ts";
import { failed } from "../files/errors.ts";
import { makeTemporaryDirectory } from "../writing/file-changes.ts";
import { placeOf } from "../files/other-machine.ts";

/** An open pipe of job tokens. */
export interface JobPipe {
  /** What a make inherits: the descriptor to read tokens from, and the one to give them back by. */
  readonly members: readonly [read: number, write: number];
  /** Takes tokens that are there, without waiting, and tells how many they were. */
  takeUpTo(tokens: number): number;
  put(tokens: number): void;
  /** Takes all tokens that are there. */
  drain(): void;
  close(): void;
}

/** Makes a pipe, whose name is in a directory for a moment only; throws `tool-missing` without mkfifo (coreutils). */
export function openJobPipe(place: string = tmpdir()): JobPipe {
  const directory = placeOf(makeTemporaryDirectory(join(place, "dkms-alpm-jobs-")));
  const path = join(directory, "pipe");
  try {
    const { status, error } = spawnSync("mkfifo", ["-m", "666", path], { stdio: "ignore", env: { PATH: systemPath } });
    if (status !== 0) throw new DkmsError("tool-missing", "Cannot make a pipe by mkfifo (coreutils).", {}, error);
    // A make opens its descriptor once more, as another user; the directory lets nobody else in.
    // Opened three times: make sets its reading end non-blocking or blocking as it likes, which must not reach ours.
    // Both directions at once: such an open never waits, and the pipe never ends while one make has just closed it.
    const read = openSync(path, "r+");
    const write = openSync(path, "r+");
    const own = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return jobPipe(read, write, own);
  } catch (error) {
    throw failed("open", path, error);
  } finally {
    discard(directory);
  }
}

function discard(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // Nobody needs the name any more, and what is left there goes with the next run.
  }
}

function jobPipe(read: number, write: number, own: number): JobPipe {
  const takeUpTo = (tokens: number): number => {
    if (tokens === 0) return 0;
    try {
      return readSync(own, Buffer.alloc(tokens), 0, tokens, null);
    } catch {
      // EAGAIN: nothing is there.
      return 0;
    }
  };
  return {
    members: [read, write],
    takeUpTo,
    put: (tokens) => {
      if (tokens > 0) writeSync(own, "+".repeat(tokens));
    },
    drain: () => {
      while (takeUpTo(4096) > 0);
    },
    close: () => {
      for (const descriptor of [read, write, own]) closeSync(descriptor);
    },
  };
}
