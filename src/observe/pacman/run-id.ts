/** Which run notes belong to: a transaction, whose hooks have the same id, or a program started by hand. */
import { callerEnvironment, processId } from "../../system/environment.ts";

/** Process id and start time of the program that runs the transaction, from hooks/run-hook; an id of its own for a run by hand. */
export function runId(): string {
  const given = callerEnvironment()["DKMS_ALPM_TRANSACTION"];
  return given === undefined || !/^\d+:\d*$/.test(given) ? `manual:${processId()}` : given;
}
