/** The lock that keeps two runs apart: flock(2) on the dkms tree, which the kernel releases when its holder dies. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { DkmsError } from "../../model/errors.ts";
import { parentOf, parentProcess } from "./ancestors.ts";
import { failed } from "../files/errors.ts";
import { isWithinRun, systemPath } from "../environment.ts";
import { missingDevices } from "./start-failure.ts";

/** A lock that is held until it is released or the process ends. */
export interface Lock {
  release(): void;
}

/** How long to wait for another run, in seconds: long enough for any build, finite so that pacman is never blocked for ever. */
const usualPatience = 3600;

/**
 * Takes the lock on a directory; `waiting` is called once when another run holds it. Throws `locked` when the wait is too long,
 * or at once when the holder is an ancestor of this process (a module's own script that calls dkms would wait for ever).
 */
export function takeLock(directory: string, waiting: () => void, patience = usualPatience): Lock {
  const descriptor = open(directory);
  const release = (): void => closeSync(descriptor);
  try {
    if (flock(descriptor, ["--nonblock"])) return { release };
    if (isWithinRun() || heldByAncestor(descriptor)) {
      throw new DkmsError("locked", `A module's script calls dkms while dkms is at work on ${directory}.`, {
        path: directory,
        hint: "dkms cannot be called from a module's own script; remove the call from that script.",
      });
    }
    waiting();
    if (flock(descriptor, ["--timeout", String(patience)])) return { release };
    throw new DkmsError("locked", `Another run has held the lock on ${directory} for ${patience} seconds.`, {
      path: directory,
      hint: `See who holds it: fuser -v ${directory}`,
    });
  } catch (error) {
    release();
    throw error;
  }
}

function open(directory: string): number {
  try {
    return openSync(directory, "r");
  } catch (error) {
    throw failed("lock", directory, error);
  }
}

/** flock(1) locks the open file that it inherits: the lock is ours, and stays when flock(1) ends. */
function flock(descriptor: number, mode: readonly string[]): boolean {
  const { status, error } = spawnSync("flock", ["--exclusive", ...mode, "3"], {
    stdio: ["ignore", "ignore", "ignore", descriptor],
    env: { PATH: systemPath },
  });
  if (error !== undefined) {
    const devices = missingDevices();
    if (devices !== undefined) throw devices;
    throw new DkmsError("tool-missing", "Cannot start flock (util-linux), which keeps two runs apart.", {}, error);
  }
  return status === 0;
}

/** Whether an ancestor of this process holds the lock: the kernel lists it with the ancestor's open files. */
function heldByAncestor(descriptor: number): boolean {
  const inode = /^ino:\s+(\d+)/m.exec(read(`/proc/self/fdinfo/${descriptor}`))?.[1];
  if (inode === undefined) return false;
  const held = new RegExp(`^lock:.*FLOCK.*:${inode} `, "m");
  for (let pid = parentProcess(); pid > 1; pid = parentOf(pid)) {
    if (openFiles(pid).some((file) => held.test(read(file)))) return true;
  }
  return false;
}

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`).map((name) => `/proc/${pid}/fdinfo/${name}`);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
