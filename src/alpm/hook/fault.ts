/** Faults of a hook file that stop pacman: it refuses every transaction, whatever the hook is for, or dies. */

/** What pacman does: refuse every transaction, or end by a segmentation fault. */
export type Effect = "refuses" | "crashes";

/** The faults by the message that pacman has for them. */
export type FaultCode =
  /** invalid option */
  | "key-before-section"
  | "unknown-key"
  /** invalid section */
  | "unknown-section"
  /** invalid value */
  | "bad-value"
  | "unbalanced-quote"
  | "no-command"
  /** a segmentation fault */
  | "no-value"
  /** Missing ... in hook */
  | "missing-target"
  | "missing-type"
  | "missing-operation"
  | "missing-exec"
  | "missing-when";

/** Something that stops pacman. */
export interface HookFault {
  /** The line; for what is missing, the line of the section that lacks it (1 where there is no such section). */
  readonly line: number;
  readonly code: FaultCode;
  readonly effect: Effect;
  readonly key?: string;
  /** The value, or the section's name, that is wrong. */
  readonly value?: string;
}

/** The sentence that pacman prints after `error: `; undefined where it prints `segmentation fault` and dies. */
export function pacmanMessage(fault: HookFault, path: string): string | undefined {
  if (fault.effect === "crashes") return undefined;
  const place = `hook ${path} line ${fault.line}:`;
  switch (fault.code) {
    case "key-before-section":
    case "unknown-key":
      return `${place} invalid option ${fault.key ?? ""}`;
    case "unknown-section":
      return `${place} invalid section ${fault.value ?? ""}`;
    case "bad-value":
    case "unbalanced-quote":
    case "no-command":
    case "no-value":
      return `${place} invalid value ${fault.value ?? "(null)"}`;
    case "missing-target":
      return `Missing trigger targets in hook: ${path}`;
    case "missing-type":
      return `Missing trigger type in hook: ${path}`;
    case "missing-operation":
      return `Missing trigger operation in hook: ${path}`;
    case "missing-exec":
      return `Missing Exec option in hook: ${path}`;
    case "missing-when":
      return `Missing When option in hook: ${path}`;
  }
}
