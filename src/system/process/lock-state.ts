/** Whether some run holds the lock of `lock.ts`, for readers that take none themselves. */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/**
 * Whether anybody holds the lock of a file, this process included; false where the kernel does not tell. Only inodes are compared, since
 * stat(2) and the kernel's list disagree about devices on btrfs: a lock too many is taken for one rather than one too few.
 */
export function isLocked(file: string): boolean {
  const inode = inodeOf(file);
  if (inode === undefined) return false;
  // `1: FLOCK  ADVISORY  WRITE 1234 08:02:131203 0 EOF`, see proc_locks(5).
  const isListed = readProc("/proc/locks")
    .split("\n")
    .some((line) => / FLOCK .* WRITE /.test(line) && line.includes(`:${inode} `));
  return isListed || (isInContainer() && processes().some(holdsLockOn(String(inode))));
}

/** Whether this is not the machine's first process namespace, whose number is the same on every Linux (PROC_PID_INIT_INO of linux/proc_ns.h). */
function isInContainer(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]";
  } catch {
    return true;
  }
}

function inodeOf(file: string): bigint | undefined {
  try {
    return statSync(file, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether a process holds the lock of the file with this inode, by its open files. /proc/locks names the flock(1) that took it, which has ended;
 * in a container it does not list such a lock at all.
 */
export function holdsLockOn(inode: string): (pid: number) => boolean {
  const held = new RegExp(`^lock:.*FLOCK.*:${inode} `, "m");
  return (pid) => list(`/proc/${pid}/fdinfo`).some((name) => held.test(readProc(`/proc/${pid}/fdinfo/${name}`)));
}

/** The processes that /proc shows. */
export function processes(): readonly number[] {
  return list("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** What a file of /proc holds; empty where its process has ended or it may not be read. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
