/** Whether some run holds the lock of `lock.ts`, for readers that take none themselves. */
import { readdirSync, readFileSync, statSync } from "node:fs";

/**
 * Whether anybody holds the lock of a file, this process included; false where the kernel does not tell. Only inodes are compared, since
 * stat(2) and the kernel's list disagree about devices on btrfs: a lock too many is taken for one rather than one too few.
 */
export function isLocked(file: string): boolean {
  const inode = inodeOf(file);
  if (inode === undefined) return false;
  // `1: FLOCK  ADVISORY  WRITE 1234 08:02:131203 0 EOF`, see proc_locks(5).
  const isListed = read("/proc/locks")
    .split("\n")
    .some((line) => / FLOCK .* WRITE /.test(line) && line.includes(`:${inode} `));
  return isListed || processes().some(holdsLockOn(String(inode)));
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
  return (pid) => list(`/proc/${pid}/fdinfo`).some((name) => held.test(read(`/proc/${pid}/fdinfo/${name}`)));
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

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
