/** What a transaction brings, as the test before it has found: who judges its removals has to know what takes their place. */
import type { KernelFacts } from "../boot/facts.ts";

/** Incoming kernels and modules. */
export interface Arrivals {
  /** Incoming kernels, with what the test builds have shown. */
  readonly kernels: readonly KernelFacts[];
  /** Names of modules whose source arrives. */
  readonly modules: readonly string[];
  /** False while the test runs, or when it could not find or read all incoming packages. */
  readonly isKnown: boolean;
}

/** Nothing arrives. */
export const noArrivals: Arrivals = { kernels: [], modules: [], isKnown: true };
