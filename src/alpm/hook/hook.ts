/** A pacman hook: the values that a hook file stands for, see alpm-hooks(5). */

/** When a trigger fires; several are alternatives. */
export const operations = ["Install", "Upgrade", "Remove"] as const;
export type Operation = (typeof operations)[number];

/** What the targets of a trigger are matched with. */
export type TriggerType = "Path" | "Package";

/** One `[Trigger]`; several are alternatives. */
export interface Trigger {
  readonly operations: readonly Operation[];
  readonly type: TriggerType;
  /** Patterns in the order of the file: later ones override earlier ones. */
  readonly targets: readonly string[];
}

/** Before anything has changed, or after everything has. */
export const hookPhases = ["PreTransaction", "PostTransaction"] as const;
type HookPhase = (typeof hookPhases)[number];

/** The fields of `[Action]`; of one that is repeated, the last value. */
export interface Action {
  readonly description?: string;
  readonly when: HookPhase;
  /** The command as written; `wordsplit` gives its words. */
  readonly exec: string;
  readonly depends: readonly string[];
  readonly abortOnFail: boolean;
  readonly needsTargets: boolean;
}

/** A hook that pacman can run. */
export interface Hook {
  readonly triggers: readonly Trigger[];
  readonly action: Action;
}
