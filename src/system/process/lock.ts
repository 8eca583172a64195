/** The lock that keeps two runs apart: flock(2) on a file that only root can open. The kernel releases it when its holder dies. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, fchmodSync, fstatSync, openSync } from "node:fs";
import { DkmsError } from "../../model/errors.ts";
import { endedTransaction, parentOf, parentProcess } from "./ancestors.ts";
import { failed } from "../files/errors.ts";
import { isWithinRun, systemPath } from "../environment.ts";
import { holdsLockOn, processes, readProc } from "./lock-state.ts";
import { monotonicTime } from "../terminal.ts";
import { missingDevices } from "./start-failure.ts";

/** A lock that is held until it is released or the process ends. */
export interface Lock {
  release(): void;
}

/** How long to wait for another run, in seconds: long enough for any build, finite so that pacman is never blocked for ever. */
const usualPatience = 3600;

/** The wait is interrupted this often, in seconds, to see whether pacman is still there. */
const turn = 5;

/**
 * Takes the lock of a file, which is made where there is none; `waiting` is called once with the holder in words when another run has it. Throws `locked`
 * when the wait is too long, or at once when a module's own script calls dkms: where the holder is an ancestor of this process it would wait for ever, and in
 * the sandbox of a build it cannot open the file. Throws `interrupted` when the transaction whose hook this is has ended meanwhile.
 */
export function takeLock(file: string, waiting: (holder: string) => void, patience = usualPatience): Lock {
  const descriptor = open(file);
  const release = (): void => closeSync(descriptor);
  try {
    if (flock(descriptor, file, ["--nonblock"])) return { release };
    if (isWithinRun() || heldByAncestor(descriptor)) {
      throw calledByScript(file, `while dkms holds the lock ${file}`);
    }
    waiting(holderOf(descriptor));
    const end = monotonicTime() + patience * 1000;
    for (let left = patience; left > 0; left = Math.ceil((end - monotonicTime()) / 1000)) {
      if (flock(descriptor, file, ["--timeout", String(Math.min(left, turn))])) return { release };
      if (endedTransaction()) throw new DkmsError("interrupted", "The transaction that started this hook has ended.");
    }
    throw new DkmsError("locked", `Another run has held the lock ${file} for ${patience} seconds.`, {
      path: file,
      hint: `It is ${holderOf(descriptor)}. Others: fuser -v ${file}`,
    });
  } catch (error) {
    release();
    throw error;
  }
}

function calledByScript(file: string, where: string, cause?: unknown): DkmsError {
  return new DkmsError(
    "locked",
    `A module's script calls dkms ${where}.`,
    { path: file, hint: "dkms cannot be called from a module's own script; remove the call from that script." },
    cause,
  );
}

/** Whoever can open the file can hold the lock: nobody else than its owner may, and a link is not followed. */
function open(file: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const descriptor = openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if ((fstatSync(descriptor).mode & 0o077) !== 0) fchmodSync(descriptor, 0o600);
    return descriptor;
  } catch (error) {
    // In the sandbox of a build there is no lock to be had, whoever holds it outside.
    if (!isWithinRun()) throw failed("lock", file, error);
    throw calledByScript(file, `in a sandbox without the lock ${file}`, error);
  }
}

/** flock(1) locks the open file that it inherits: the lock is ours, and stays when flock(1) ends. Status 1, or a signal, means that it has not got it. */
function flock(descriptor: number, file: string, mode: readonly string[]): boolean {
  const { status, error, stderr } = spawnSync("flock", ["--exclusive", ...mode, "3"], {
    stdio: ["ignore", "ignore", "pipe", descriptor],
    encoding: "utf8",
    env: { PATH: systemPath },
  });
  if (error !== undefined) {
    const devices = missingDevices();
    if (devices !== undefined) throw devices;
    throw new DkmsError("tool-missing", "Cannot start flock (util-linux), which keeps two runs apart.", {}, error);
  }
  if (status !== null && status > 1) {
    const why = stderr.trim();
    throw failed("lock", file, new Error(`flock exited with status ${status}${why === "" ? "" : ` (${why})`}`));
  }
  return status === 0;
}

/** Whether an ancestor of this process holds the lock. */
function heldByAncestor(descriptor: number): boolean {
  const holds = holderTest(descriptor);
  for (let pid = parentProcess(); pid > 1; pid = parentOf(pid)) if (holds(pid)) return true;
  return false;
}

/** The process that holds the lock, in words: `process 123 (dkms install zfs/2.2.2)`. */
function holderOf(descriptor: number): string {
  const holds = holderTest(descriptor);
  const pid = processes().find(holds);
  if (pid === undefined) return "a process that /proc does not show";
  const words = readProc(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
  // What a process calls itself is its own choice.
  const shown = words.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
  return shown === "" ? `process ${pid}` : `process ${pid} (${shown})`;
}

function holderTest(descriptor: number): (pid: number) => boolean {
  const inode = /^ino:\s+(\d+)/m.exec(readProc(`/proc/self/fdinfo/${descriptor}`))?.[1];
  return inode === undefined ? () => false : holdsLockOn(inode);
}
