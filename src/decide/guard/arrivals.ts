/** Sums up a test for the hook that judges what the same transaction removes. Pure. */
import { noArrivals, type Arrivals } from "../../model/guard/arrivals.ts";
import type { Tested } from "../../model/guard/guard.ts";
import { withVerdicts } from "./losses.ts";

/** What arrives; `directories` are the sources that do. The verdicts are settled ones. */
export function arrivalsOf({ machine, verdicts, obstacle }: Tested, directories: ReadonlySet<string>): Arrivals {
  if (machine === undefined) return { ...noArrivals, isKnown: false };
  const { after, arriving, modules } = machine;
  return {
    kernels: withVerdicts(
      after.filter(({ kernel }) => arriving.has(kernel.release)),
      verdicts,
    ),
    modules: modules.filter(({ directory }) => directories.has(directory)).map(({ name }) => name),
    isKnown: obstacle === undefined,
  };
}
