/** A problem as it is told outside of a terminal: to the journal, and by a notification. */

/** One problem. */
export interface Problem {
  /** One sentence. */
  readonly message: string;
  /** `error`: a module is missing, or a kernel may not boot. `warning`: that is not known, or is still to come. */
  readonly severity: "error" | "warning";
  readonly module?: string;
  readonly version?: string;
  readonly kernel?: string;
  readonly log?: string;
}
