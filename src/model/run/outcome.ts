/** What became of the steps of a plan, told as it happens. */
import type { DkmsError } from "../errors.ts";
import type { PlannedStep } from "./plan.ts";

/**
 * How a step ended. `unchanged` means that there was nothing left to do, or nothing that should be done, which `remark` then explains to people; its
 * followers go on as after `done`.
 */
export type Ending =
  | { readonly kind: "done" }
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
  /** Output of a module's own script, passed on as it came. */
  | { readonly kind: "output"; readonly stream: "out" | "err"; readonly text: string }
  | { readonly kind: "ended"; readonly outcome: Outcome };
