/** Words for what a run has installed and another program has removed meanwhile. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, pairWords, type Pair } from "../../model/pair.ts";

/** The error for such a pair: it has to be known before anybody reboots. */
export function lostPairError(pair: Pair): DkmsError {
  const module = moduleText(pair.module);
  const { release } = pair.kernel;
  return new DkmsError("not-there", `${pairWords(pair)} was removed by another program during this run.`, {
    module,
    kernel: release,
    hint: `If it is wanted: dkms install ${module} -k ${release}`,
  });
}
