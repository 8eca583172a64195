/** What is known of a command of a build that failed: from this the hint is chosen. */

/** A line of a makefile that asks for the running kernel. */
interface AskingLine {
  readonly path: string;
  readonly line: number;
}

/** The evidence. */
export interface FailureEvidence {
  /** What the command has written. */
  readonly output: string;
  /** `compiling`: make. Everything else is a script or the check of what was made. */
  readonly step: "compiling" | "script" | "result";
  /** `zfs/2.2.2` */
  readonly module: string;
  readonly release: string;
  readonly running: string;
  /** Where builds have their private directories. */
  readonly place: string;
  /** Whether the network was closed to the command. */
  readonly isOffline: boolean;
  /** The command itself, and the scripts and makefiles that it runs, without comments. */
  readonly commands: string;
  readonly runningKernelLines: readonly AskingLine[];
  /** What the sandbox kept from it, in words, and what opens that. */
  readonly sandbox: Hint | undefined;
  /** Which other module of the dkms tree exports a symbol, `spl/2.2.2`. */
  readonly exporterOf: (symbol: string) => string | undefined;
  /** What the administrator may want to look at afterwards. */
  readonly sources: string | undefined;
}

/** One more sentence about the failure, where there is one, and what can be done. */
export interface Hint {
  readonly sentence?: string;
  readonly hint?: string;
}

/** Finds the hint; undefined when nothing explains the failure. */
export type Explain = (evidence: FailureEvidence) => Hint | undefined;
