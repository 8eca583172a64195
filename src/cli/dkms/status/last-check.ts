/** What `dkms status` says below its list to a person: programs, which read the list, do not get it. */
import type { Layout } from "../../../model/machine/layout.ts";
import { readLastCheck } from "../../../observe/health/last-check.ts";
import { writeLines } from "../../../system/output.ts";
import { lastCheckLines } from "../../../tell/check/status.ts";

/** Prints what the last check has found, if that is bad. */
export function tellLastCheck(layout: Layout): void {
  writeLines("err", lastCheckLines(readLastCheck(layout)));
}
