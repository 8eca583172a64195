/** What is to be said of one pair: how it is, whether hooks want it, and what comes next. */
import type { Pair } from "../pair.ts";
import type { PlannedStep } from "../run/plan.ts";
import type { ReportedPair } from "./transaction-report.ts";

/** The outlook of a pair. */
export interface Outlook {
  readonly pair: Pair;
  readonly state: "installed" | "built" | "not built" | "supplied by a package";
  /** Whether hooks bring it to its kernel, or would if they could. */
  readonly isWanted: boolean;
  /** Why, in one phrase or sentence. */
  readonly reason: string;
  /** BUILD_EXCLUSIVE leaves it out, or the kernel has the module itself: all is as it should be. */
  readonly isSkipped: boolean;
  /** What failed in the last transaction, if that was this pair. */
  readonly lastFailure: ReportedPair | undefined;
  /** What the hooks would do about it now. */
  readonly steps: readonly PlannedStep[];
}
