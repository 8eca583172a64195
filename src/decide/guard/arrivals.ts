/** Sums up a test for the hook that judges what the same transaction removes. Pure. */
import { noArrivals, type Arrivals } from "../../model/guard/arrivals.ts";
import type { Incoming, Tested } from "../../model/guard/guard.ts";
import { withVerdicts } from "./losses.ts";

/** What arrives. The verdicts are settled ones. A kernel whose headers were not found lacks modules in the test alone: then nothing is known. */
export function arrivalsOf(
  { machine, verdicts, obstacle }: Tested,
  { sourceDirectories, missing }: Pick<Incoming, "sourceDirectories" | "missing">,
): Arrivals {
  if (machine === undefined) return { ...noArrivals, isKnown: false };
  const { after, arriving, modules } = machine;
  return {
    kernels: withVerdicts(
      after.filter(({ kernel }) => arriving.has(kernel.release)),
      verdicts,
    ),
    modules: modules.filter(({ directory }) => sourceDirectories.has(directory)).map(({ name }) => name),
    isKnown: obstacle === undefined && missing.length === 0,
  };
}
