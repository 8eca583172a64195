/** The one error type of the project: a stable code, one sentence for people, and the facts. */

/** What can go wrong, as a closed list; `cli/exit-codes.ts` maps each to the exit status that the reference documents. */
export type ErrorCode =
  | "usage"
  | "not-root"
  | "no-os-release"
  | "bad-name"
  | "module-not-given"
  | "module-not-added"
  | "module-already-added"
  | "already-there"
  | "result-empty"
  | "not-there"
  | "supplied"
  | "module-broken"
  | "source-missing"
  | "source-empty"
  | "conf-missing"
  | "conf-invalid"
  | "kernel-missing"
  | "headers-missing"
  | "excluded"
  | "dependency-missing"
  | "dependency-deferred"
  | "dependency-circle"
  | "dependency-failed"
  | "patch-missing"
  | "patch-failed"
  | "script-failed"
  | "make-failed"
  | "object-missing"
  | "object-foreign"
  | "kernel-has-module"
  | "kernels-left-out"
  | "install-refused"
  | "install-failed"
  | "depmod-failed"
  | "archive-invalid"
  | "signing-failed"
  | "tool-missing"
  | "file-failed"
  | "locked"
  | "interrupted";

/** Facts that go with an error; every one is optional and printed by `tell/` where it helps. */
export interface ErrorFacts {
  /** `module/version` and kernel that the error is about. */
  readonly module?: string;
  readonly kernel?: string;
  /** The file or directory in question, and the line in it (1 is the first). */
  readonly path?: string;
  readonly line?: number;
  /** Where the full log is. */
  readonly log?: string;
  /** What the user can do now, as one sentence or a command. */
  readonly hint?: string;
  /** The first lines of the compiler or tool that explain the failure. */
  readonly excerpt?: readonly string[];
  /** The test build of this transaction has failed on the same inputs, and was told in full. */
  readonly isKnown?: true;
  /** The exit status to leave with where the reference passes one through (a failing script). */
  readonly exitCode?: number;
}

/** A failure that the user can understand; anything else that is thrown is a bug of ours. */
export class DkmsError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "DkmsError";
    this.code = code;
    this.facts = facts;
  }
}
