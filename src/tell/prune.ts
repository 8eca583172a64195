/** Words for what `dkms prune` clears away, would clear away, or leaves alone. */
import type { DkmsError } from "../model/errors.ts";
import type { LeftAlone, Deletion, Pruning } from "../model/health/leftovers.ts";
import { errorLines, printable } from "./errors.ts";
import { planLines, type Line, type Verbosity } from "./run/lines.ts";

/** Everything that a pruning would do, for `--dry-run`. */
export function pruningLines({ plan, deletions, leftAlone }: Pruning): readonly Line[] {
  const nothing = plan.steps.length + deletions.length === 0;
  return [
    ...deletions.map((item) => out(`Delete ${deletionWords(item)}: ${printable(item.reason)}`)),
    ...(plan.steps.length === 0 ? [] : planLines(plan.steps, plan.findings)),
    ...leftAlone.flatMap(leftAloneLines),
    ...(nothing ? [nothingLine] : []),
  ];
}

/** The line for a machine on which nothing lies about. */
export const nothingLine: Line = { stream: "out", text: "Nothing to do." };

/** The line for something that has been cleared away, or could not be. */
export function clearedLines(deletion: Deletion, error: DkmsError | undefined, verbosity: Verbosity): readonly Line[] {
  if (error === undefined) {
    const why = verbosity === "verbose" ? ` (${printable(deletion.reason)})` : "";
    return [out(`==> Deleted ${deletionWords(deletion)}${why}`)];
  }
  const [first = "", ...rest] = errorLines(error);
  return [err(`==> ERROR: ${first}`), ...rest.map((line) => err(`  -> ${line}`))];
}

/** What stays, why, and what can be done about it. */
export function leftAloneLines({ subject, why, fix }: LeftAlone): readonly Line[] {
  return [out(`==> Left alone: ${printable(subject)}: ${printable(why)}.`), out(`  -> ${printable(fix)}`)];
}

/** `/usr/lib/modules/6.1/updates/dkms/zfs.ko`, or what a line of the journal says. */
export function deletionWords(deletion: Deletion): string {
  return deletion.kind === "journal"
    ? `the note on unfinished work at ${printable(deletion.key)}`
    : printable(deletion.path);
}

const out = (text: string): Line => ({ stream: "out", text });
const err = (text: string): Line => ({ stream: "err", text });
