/** What became of the steps of a plan, told as it happens. */
import type { DkmsError } from "../errors.ts";
import type { Pair } from "../pair.ts";
import type { PlannedStep } from "./plan.ts";

/** Where a result came from: it was built just now, kept from an earlier build of the same inputs, or made by the guard before this transaction. */
export type ResultOrigin = "build" | "cache" | "test-build";

/** How far a build has got: its sources are copied and patched, its PRE_BUILD runs, its make runs, its objects are stripped, signed and compressed, and installed. */
export type BuildPhase = "preparing" | "configuring" | "compiling" | "finishing" | "installing";

/**
 * How a step ended. `unchanged` means that there was nothing left to do, or nothing that should be done, which `remark` then explains to people; its
 * followers go on as after `done`.
 */
export type Ending =
  /** `origin`: of a build. */
  | { readonly kind: "done"; readonly origin?: ResultOrigin }
  | { readonly kind: "unchanged"; readonly why: string; readonly remark?: DkmsError }
  | { readonly kind: "failed"; readonly error: DkmsError }
  /** `own-failure`: an earlier step of the same pair has failed and was told. `dependency`: another pair that this one needs has. */
  | {
      readonly kind: "not-attempted";
      readonly cause: "own-failure" | "dependency" | "interruption";
      readonly error: DkmsError;
    };

/** The end of one step of a plan. */
export interface Outcome {
  /** Position of the step in its plan. */
  readonly index: number;
  readonly planned: PlannedStep;
  readonly ending: Ending;
  /** Wall time in seconds. */
  readonly seconds: number;
}

/** What the executor tells while it works. */
export type Event =
  | { readonly kind: "begun"; readonly index: number; readonly planned: PlannedStep }
  | { readonly kind: "note"; readonly level: "detail" | "message" | "warning"; readonly text: string }
  /** A build that has begun for good: what is known already never gets here. `log` is written meanwhile; `source` is the module's directory. */
  | {
      readonly kind: "phase";
      readonly pair: Pair;
      readonly phase: BuildPhase;
      readonly log: string;
      readonly source: string;
    }
  /** Output of a module's own script, passed on as it came. */
  | { readonly kind: "output"; readonly stream: "out" | "err"; readonly text: string }
  | { readonly kind: "ended"; readonly outcome: Outcome };
