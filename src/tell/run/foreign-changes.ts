/** Words for what another program has done to the dkms tree while a run was at work. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, pairWords } from "../../model/pair.ts";
import type { ForeignChange, PairStage } from "../../model/run/foreign-change.ts";
import type { Line } from "./lines.ts";
import { printable } from "../errors.ts";

const words: Readonly<Record<PairStage, string>> = {
  absent: "not in the tree any more",
  built: "built, and not installed",
  installed: "installed",
};

/** The error for a pair that the run has left installed and that is not: it has to be known before anybody reboots. Undefined for other changes. */
export function foreignError({ pair, expected, found }: ForeignChange): DkmsError | undefined {
  if (expected !== "installed") return undefined;
  const message = `${pairWords(pair)} was removed by another program during this run: it is ${words[found]}.`;
  const { module, kernel } = pair;
  return new DkmsError("not-there", message, {
    module: moduleText(module),
    kernel: kernel.release,
    hint: `If it is wanted: dkms install ${moduleText(module)} -k ${kernel.release}`,
  });
}

/** The lines for one change, told when the run has ended. */
export function foreignLines(change: ForeignChange): readonly Line[] {
  const error = foreignError(change);
  const { pair, found } = change;
  const text =
    error?.message ??
    `Another program has changed ${pairWords(pair)} while this run was at work: it is ${words[found]}.`;
  const hint = error?.facts.hint === undefined ? [] : [`  -> ${error.facts.hint}`];
  return [`==> WARNING: ${text}`, ...hint].map((line) => ({ stream: "err", text: printable(line) }));
}
