/** What another program has done to a pair in the dkms tree while a run of ours was at work: the reference takes no lock. */
import type { Pair } from "../pair.ts";

/** How far a pair has got in the tree. */
export type PairStage = "absent" | "built" | "installed";

/** A pair that is not as the run has left it. */
export interface ForeignChange {
  readonly pair: Pair;
  readonly expected: PairStage;
  readonly found: PairStage;
}
