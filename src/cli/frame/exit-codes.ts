/** The exit statuses of `dkms`, as the reference documents them in dkms(8) and its source. */
import type { DkmsError, ErrorCode } from "../../model/errors.ts";

/** Exit code of each kind of failure. */
const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  "not-root": 1,
  "no-os-release": 4,
  "bad-name": 2,
  "module-not-given": 1,
  "module-not-added": 3,
  "module-already-added": 3,
  "already-there": 0,
  "result-empty": 3,
  "not-there": 0,
  supplied: 0,
  "module-broken": 4,
  "source-missing": 2,
  "conf-missing": 4,
  "conf-invalid": 8,
  "kernel-missing": 6,
  "headers-missing": 21,
  excluded: 77,
  "dependency-missing": 13,
  "dependency-deferred": 0,
  "dependency-circle": 13,
  "dependency-failed": 13,
  "source-empty": 8,
  "patch-missing": 5,
  "patch-failed": 6,
  "script-failed": 1,
  "make-failed": 10,
  "object-missing": 7,
  "object-foreign": 7,
  "kernel-has-module": 6,
  "kernels-left-out": 0,
  "install-refused": 6,
  "install-failed": 6,
  "depmod-failed": 6,
  "archive-invalid": 7,
  "signing-failed": 1,
  "tool-missing": 1,
  "file-failed": 1,
  locked: 1,
  interrupted: 130,
};

/** The exit status for an error; a failing script's own status is passed on. */
export function exitCodeOf(error: DkmsError): number {
  return error.facts.exitCode ?? exitCodes[error.code];
}
