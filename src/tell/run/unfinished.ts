/** What is said while there is work of hooks that did not come to their end. */
import type { Line } from "./lines.ts";

/** The end of a report that such work is left behind. */
export const unfinishedLines: readonly Line[] = [
  "==> ERROR: DKMS: a run was interrupted before it had done its work; modules may be missing.",
  "  -> Finish it: /usr/lib/dkms-alpm/bin/dkms-install </dev/null",
].map((text) => ({ stream: "err", text }));
