/** Whether this process sees another file system tree than the first process of the machine does. */
import { readFileSync, statSync } from "node:fs";

/** The root directory or the mount table differs from process 1's; false where the kernel does not let us look. */
export function inChroot(): boolean {
  try {
    const ours = statSync("/");
    const first = statSync("/proc/1/root/");
    if (ours.ino !== first.ino || ours.dev !== first.dev) return true;
    return readFileSync("/proc/1/mountinfo", "utf8") !== readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return false;
  }
}
