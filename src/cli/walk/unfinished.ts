/** What earlier runs have begun and not ended: the journal, and the targets of hooks. */
import { closeJournal } from "../../act/journal.ts";
import type { Unfinished } from "../../model/run/journal.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { readJournal } from "../../observe/tree/journal.ts";
import { forgetTargets, readSavedTargets } from "../../act/transaction/saved-targets.ts";

/** What was found, and where. */
interface Found extends Unfinished {
  readonly files: readonly string[];
}

/** Reads it; needs the lock on the tree, or runs that are at work now would count as killed. */
export function readUnfinished(layout: Layout): Found {
  const saved = readSavedTargets();
  return {
    entries: readJournal(layout),
    install: saved["dkms-install"],
    remove: saved["dkms-remove"],
    files: saved.files,
  };
}

/** Forgets what has been finished, and of the journal the pairs whose keys are given: even what led to nothing is not tried again by itself. */
export function forgetUnfinished(layout: Layout, { files }: Found, ended: ReadonlySet<string>): void {
  closeJournal(layout, ended);
  forgetTargets(files);
}
