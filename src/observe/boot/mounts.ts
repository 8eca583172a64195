/** Mount points that /etc/fstab names and where nothing is mounted: what lies below them is not what the machine boots from. */
import { readText } from "../../system/files/content.ts";

/** Mount points of fstab(5) that are missing in mountinfo(5). */
export function unmountedPoints(fstab: string, mountinfo: string): readonly string[] {
  const mounted = new Set(mountinfo.split("\n").map((line) => unescaped(line.split(" ")[4] ?? "")));
  return fstab
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .map((line) => unescaped(line.trim().split(/\s+/)[1] ?? "").replace(/(?<=.)\/+$/, ""))
    .filter((point) => point.startsWith("/") && point !== "/" && !mounted.has(point));
}

/** Reads both files of this machine. */
export function readUnmounted(): readonly string[] {
  const mountinfo = readText("/proc/self/mountinfo");
  // Without /proc nobody can tell what is mounted.
  return mountinfo === undefined ? [] : unmountedPoints(readText("/etc/fstab") ?? "", mountinfo);
}

/** The unmounted point that a path lies below, the longest one; undefined when there is none. */
export function unmountedAbove(path: string, points: readonly string[]): string | undefined {
  return points.filter((point) => path.startsWith(`${point}/`)).toSorted((a, b) => b.length - a.length)[0];
}

/** Blanks and backslashes are written as octal numbers in both files. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
