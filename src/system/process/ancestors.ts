/** The processes that this one comes from, by /proc. */
import { readFileSync } from "node:fs";

/** The parent of this process. */
export function parentProcess(): number {
  return process.ppid;
}

/** The parent of a process; 0 when there is none or nobody tells. */
export function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1] ?? 0);
}

/** When a process began, in clock ticks since the boot: with the process id it names a process for good. Empty when nobody tells. */
export function startTimeOf(pid: number): string {
  return fieldsOf(pid)[19] ?? "";
}

/** The fields of /proc/PID/stat behind the program's name, which may itself contain blanks and parentheses; the first is the state. */
function fieldsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.trim().split(" ") ?? [];
  } catch {
    return [];
  }
}
