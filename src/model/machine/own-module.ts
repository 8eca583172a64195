/** A kernel that has a module itself, newer than the one of the DKMS package or the same: that one is used, and nothing is wrong. */
import { DkmsError } from "../errors.ts";
import { moduleText, pairWords, type Pair } from "../pair.ts";

/** Says that a pair is not installed because of the kernel's own modules, where they are, and how to install it anyway. */
export function kernelHasModule(pair: Pair, paths: readonly string[], reasons: readonly string[] = []): DkmsError {
  const text = moduleText(pair.module);
  const why = reasons.length === 0 ? `The kernel's own module is used: ${paths.join(", ")}` : reasons.join("; ");
  return new DkmsError(
    "kernel-has-module",
    `${pairWords(pair)} is not installed, since the kernel has that module itself. ${why}.`,
    {
      module: text,
      kernel: pair.kernel.release,
      path: paths[0] ?? "",
      hint: `To use ${text} instead: dkms install --force ${text} -k ${pair.kernel.release}`,
    },
  );
}
