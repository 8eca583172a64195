/** The processes that this one comes from, by /proc. */
import { readFileSync, readlinkSync } from "node:fs";
import { isWithinRun } from "../environment.ts";

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

/** Process id and start time of the program that runs the transaction, which name it for good; undefined for a run that is no hook. */
export function transactionId(): string | undefined {
  const told = process.env["DKMS_ALPM_TRANSACTION"] ?? "";
  return /^\d+:\d+$/.test(told) ? told : undefined;
}

/**
 * Whether the program that runs the transaction has ended, pacman killed with -9 for example. False for a run that is no hook: only run-hook tells
 * process id and start time of that program.
 */
export function endedTransaction(): boolean {
  const [, pid, began] = /^(\d+):(\d+)$/.exec(process.env["DKMS_ALPM_TRANSACTION"] ?? "") ?? [];
  if (pid === undefined || isWithinRun() || fieldsOf(process.pid).length === 0) return false;
  const [state = "X"] = fieldsOf(Number(pid));
  return state === "X" || state === "Z" || startTimeOf(Number(pid)) !== began;
}

/** Whether the program that runs the transaction writes to a terminal. */
export function isTransactionOnTerminal(): boolean {
  const [pid] = (transactionId() ?? "").split(":");
  try {
    return pid !== "" && /^\/dev\/(pts\/|tty|console)/.test(readlinkSync(`/proc/${pid}/fd/1`));
  } catch {
    return false;
  }
}

/** The fields of /proc/PID/stat behind the program's name, which may itself contain blanks and parentheses; the first is the state. */
function fieldsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.trim().split(" ") ?? [];
  } catch {
    return [];
  }
}
