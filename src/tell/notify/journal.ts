/** Problems as the journal keeps them, see systemd.journal-fields(7): with module and kernel as fields of their own. */
import type { Problem } from "../../model/notify/problem.ts";

/** The fields of an entry. */
export function journalEntry({
  message,
  severity,
  module,
  version,
  kernel,
  log,
}: Problem): Readonly<Record<string, string>> {
  return {
    MESSAGE: message,
    // Of syslog(3): 3 is an error, 4 a warning.
    PRIORITY: severity === "error" ? "3" : "4",
    SYSLOG_IDENTIFIER: "dkms",
    ...(module === undefined ? {} : { DKMS_MODULE: module }),
    ...(version === undefined ? {} : { DKMS_VERSION: version }),
    ...(kernel === undefined ? {} : { DKMS_KERNEL: kernel }),
    ...(log === undefined ? {} : { DKMS_LOG: log }),
  };
}
