/** What a transaction has brought, pair by pair: its last words, and a file that other programs can read. */

import type { ReportedBoot } from "../boot/reported.ts";
import type { Pair } from "../pair.ts";

/**
 * What became of a pair. `kept`: its source was removed, and it stays until its successor is in place. `kernel-has-module`: the kernel's own module, newer or the
 * same, is used instead.
 */
export type PairResult =
  | "installed"
  | "removed"
  | "failed"
  | "not-attempted"
  | "skipped"
  | "kept"
  | "kernel-has-module";

/** One pair in a report. */
export interface ReportedPair {
  readonly module: string;
  readonly version: string;
  readonly kernel: string;
  readonly arch: string;
  /** The package of the kernel, where one owns it. */
  readonly pkgbase?: string;
  readonly result: PairResult;
  /** For what went wrong or was left out: why, the first lines that tell, the log, what to do. */
  readonly message?: string;
  /** Where it failed or was not attempted: the version of the module that is installed for the kernel all the same, so that it boots with that one. */
  readonly installedVersion?: string;
  readonly excerpt?: readonly string[];
  readonly log?: string;
  readonly hint?: string;
}

/** Trouble that is not of one pair: a circle of dependencies, a source that does not say what it is. */
export interface ReportedProblem {
  readonly message: string;
  readonly hint?: string;
}

/** A file of /var/lib/dkms-alpm/reports. */
export interface TransactionReport {
  readonly format: 1;
  /** Tells the hooks of one transaction from those of another: process id and start time of the program that runs it. */
  readonly transaction: string;
  readonly pairs: readonly ReportedPair[];
  readonly problems: readonly ReportedProblem[];
  /** What went less well than it could: that memory was short, and how many builds ran at once therefore. Former versions have none. */
  readonly warnings?: readonly string[];
  /** The judgement of the next boot, made at the end of the transaction. */
  readonly boot?: ReportedBoot;
}

/** The report of a transaction after one more of its hooks has worked: what it says of a pair replaces what was said before. */
export function mergeReports(earlier: TransactionReport | undefined, later: TransactionReport): TransactionReport {
  if (earlier === undefined || earlier.transaction !== later.transaction) return later;
  const pairs = new Map(earlier.pairs.map((pair) => [reportKey(pair), pair]));
  for (const pair of later.pairs) pairs.set(reportKey(pair), pair);
  const problems = new Map([...earlier.problems, ...later.problems].map((problem) => [problem.message, problem]));
  const warnings = [...new Set([...(earlier.warnings ?? []), ...(later.warnings ?? [])])];
  return { ...earlier, ...later, pairs: [...pairs.values()], problems: [...problems.values()], warnings };
}

function reportKey({ module, version, kernel, arch }: ReportedPair): string {
  return `${module}/${version}/${kernel}/${arch}`;
}

/** Reads a report from JSON text; undefined for what this version does not understand. */
export function parseReport(text: string): TransactionReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isReport(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a transaction reported of a pair that failed in it; undefined when it did not, or when there is no report. */
export function reportedFailure(
  report: TransactionReport | undefined,
  { module, kernel }: Pair,
): ReportedPair | undefined {
  return report?.pairs.find(
    (pair) =>
      pair.result === "failed" &&
      pair.module === module.name &&
      pair.version === module.version &&
      pair.kernel === kernel.release &&
      pair.arch === kernel.arch,
  );
}

function isReport(value: unknown): value is TransactionReport {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    value.format === 1 &&
    "transaction" in value &&
    typeof value.transaction === "string" &&
    "pairs" in value &&
    Array.isArray(value.pairs) &&
    "problems" in value &&
    Array.isArray(value.problems)
  );
}
