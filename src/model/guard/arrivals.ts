/** What a transaction brings, as the test before it has found: who judges its removals has to know what takes their place. */
import type { Rehearsal } from "./guard.ts";

/** Incoming kernels and modules. */
export interface Arrivals {
  /** Incoming kernels, each with the names of modules that it will not have. */
  readonly kernels: readonly { readonly release: string; readonly lacks: readonly string[] }[];
  /** Names of modules whose source arrives. */
  readonly modules: readonly string[];
  /** False while the test runs, or when it could not read the incoming packages. */
  readonly isKnown: boolean;
}

/** Nothing arrives. */
export const noArrivals: Arrivals = { kernels: [], modules: [], isKnown: true };

/** Sums up a test. What could not be tested is not called lost. */
export function arrivalsOf({ machine, verdicts, obstacle }: Rehearsal, directories: ReadonlySet<string>): Arrivals {
  if (machine === undefined) return { ...noArrivals, isKnown: false };
  const lost = verdicts.filter(({ verdict }) => verdict.kind === "fails" || verdict.kind === "skipped");
  const all = machine.modules.map(({ name }) => name);
  return {
    kernels: machine.arriving.map(({ release }) => ({
      release,
      lacks: machine.withoutHeaders.includes(release)
        ? all
        : lost.filter(({ pair }) => pair.kernel.release === release).map(({ pair }) => pair.module.name),
    })),
    modules: machine.modules.filter(({ directory }) => directories.has(directory)).map(({ name }) => name),
    isKnown: obstacle === undefined,
  };
}
