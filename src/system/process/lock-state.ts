/** Whether some run holds the lock of `lock.ts`, for readers that take none themselves. */
import { readFileSync, statSync } from "node:fs";

/**
 * Whether anybody holds a the lock of a file, this process included; false where the kernel does not tell. Only inodes are compared, since
 * stat(2) and the kernel's list disagree about devices on btrfs: a lock too many is taken for one rather than one too few.
 */
export function isLocked(file: string): boolean {
  try {
    const { ino } = statSync(file, { bigint: true });
    // `1: FLOCK  ADVISORY  WRITE 1234 08:02:131203 0 EOF`, see proc_locks(5).
    return readFileSync("/proc/locks", "utf8")
      .split("\n")
      .some((line) => / FLOCK .* WRITE /.test(line) && line.includes(`:${ino} `));
  } catch {
    return false;
  }
}
