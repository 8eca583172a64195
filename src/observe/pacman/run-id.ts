/** Which run notes belong to: a transaction, whose hooks have the same id, or a program started by hand. */
import { callerEnvironment, processId } from "../../system/environment.ts";
import { fileFacts } from "../../system/files/files.ts";
import { quietly } from "../../system/files/quietly.ts";

/**
 * Process id and start time of the program that runs the transaction, from hooks/run-hook, and when its lock was made: a daemon (pamac, packagekitd) runs
 * one transaction after the other, and libalpm makes that file anew for each. An id of its own for a run by hand.
 */
export function runId(lock = "/var/lib/pacman/db.lck"): string {
  const given = callerEnvironment()["DKMS_ALPM_TRANSACTION"];
  if (given === undefined || !/^\d+:\d*$/.test(given)) return `manual:${processId()}`;
  const locked = quietly(() => fileFacts(lock)?.modified);
  return locked === undefined ? given : `${given}:${locked}`;
}
