/** What is said while there is work of hooks that did not come to their end. */
import type { Line } from "./lines.ts";

/** The last words of a transaction that leaves such work behind. */
export const unfinishedLines: readonly Line[] = [
  "==> ERROR: DKMS: a run was ended before it had done its work; modules may be missing.",
  "  -> Do not reboot before it is finished, if this machine needs them.",
  "  -> Finish it: /usr/lib/dkms-alpm/bin/dkms-install </dev/null",
].map((text) => ({ stream: "err", text }));
