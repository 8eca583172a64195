/** Which transaction a hook program belongs to: all hooks of one have the same id. */
import { callerEnvironment, processId } from "../../system/environment.ts";

/** Process id and start time of the program that runs the transaction, from hooks/run-hook; an id of its own for a run by hand. */
export function transactionId(): string {
  const given = callerEnvironment()["DKMS_ALPM_TRANSACTION"];
  return given === undefined || !/^\d+:\d*$/.test(given) ? `manual:${processId()}` : given;
}
