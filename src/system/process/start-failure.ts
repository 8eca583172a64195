/** Why a program could not be started at all. */
import { DkmsError } from "../../model/errors.ts";
import { targetKind } from "../files/files.ts";

/**
 * The error for a program that could not be started. Every program gets /dev/null as its stdin: where there is none, as in a chroot without /dev, that is
 * the reason, whatever the operating system calls it.
 */
export function startFailure(program: string, error: unknown): DkmsError {
  return (
    missingDevices() ?? new DkmsError("tool-missing", `${program} could not be started: ${String(error)}.`, {}, error)
  );
}

/** The error for a machine without /dev/null; undefined where it is there. */
export function missingDevices(): DkmsError | undefined {
  if (targetKind("/dev/null") !== "none") return undefined;
  return new DkmsError("tool-missing", "There is no /dev/null here, and without it no program can be started.", {
    path: "/dev/null",
    hint: "In a chroot, mount /dev first (mount --rbind /dev ROOT/dev), or enter it with arch-chroot.",
  });
}
