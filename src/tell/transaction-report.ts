/** Makes the report of a transaction from plans and outcomes, and the last words from the report. */
import type { DkmsError } from "../model/errors.ts";
import type { ForeignChange } from "../model/run/foreign-change.ts";
import type { Outcome } from "../model/run/outcome.ts";
import { pairKey, sameKernel, type Pair } from "../model/pair.ts";
import type { Plan } from "../model/run/plan.ts";
import type {
  PairResult,
  ReportedPair,
  ReportedProblem,
  TransactionReport,
} from "../model/health/transaction-report.ts";
import { findKernel, type World } from "../model/machine/world.ts";
import { printable } from "./errors.ts";
import { foreignError } from "./foreign-changes.ts";
import type { Line } from "./lines.ts";

/** What one hook has to report. */
export interface ReportSource {
  readonly transaction: string;
  readonly world: World;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** Pairs whose source is gone and that stay until their successor is in place. */
  readonly kept: readonly Pair[];
  /** Pairs that are installed now. */
  readonly installed: readonly Pair[];
  readonly foreign: readonly ForeignChange[];
  readonly warnings: readonly string[];
}

/** The report of one hook of a transaction. */
export function makeReport(source: ReportSource): TransactionReport {
  const { transaction, world, plan, outcomes, kept } = source;
  const pairs = new Map<string, ReportedPair>();
  const problems: ReportedProblem[] = [];
  const report = (pair: Pair, result: PairResult, error?: DkmsError): void => {
    const isBad = result === "failed" || result === "not-attempted";
    const installed = isBad ? installedVersion(source.installed, pair) : undefined;
    const entry = { ...reportedPair(world, pair, result, error), ...(installed && { installedVersion: installed }) };
    pairs.set(pairKey(pair), entry);
  };
  for (const pair of kept) report(pair, "kept");
  for (const { kind, error, pair } of plan.findings) {
    if (pair !== undefined && kind !== "warning") report(pair, kind === "skip" ? "skipped" : "failed", error);
    else if (kind === "refusal") problems.push(problem(error));
  }
  for (const { planned, ending } of outcomes) {
    const { step } = planned;
    if (!("pair" in step)) {
      if (ending.kind === "failed") problems.push(problem(ending.error));
      continue;
    }
    if (ending.kind === "failed") report(step.pair, "failed", ending.error);
    else if (ending.kind === "not-attempted" && ending.cause !== "own-failure") {
      report(step.pair, "not-attempted", ending.error);
    } else if (ending.kind === "unchanged" && ending.remark !== undefined) {
      report(step.pair, "kernel-has-module", ending.remark);
    } else if (ending.kind === "done" && step.kind === "install") report(step.pair, "installed");
    else if (ending.kind === "done" && step.kind === "unbuild") report(step.pair, "removed");
  }
  for (const change of source.foreign) {
    const error = foreignError(change);
    if (error !== undefined) report(change.pair, "failed", error);
  }
  return { format: 1, transaction, pairs: [...pairs.values()], problems, warnings: source.warnings };
}

function installedVersion(installed: readonly Pair[], { module, kernel }: Pair): string | undefined {
  return installed.find((other) => other.module.name === module.name && sameKernel(other.kernel, kernel))?.module
    .version;
}

function reportedPair(world: World, pair: Pair, result: PairResult, error: DkmsError | undefined): ReportedPair {
  const { pkgbase } = findKernel(world, pair.kernel);
  const { excerpt, log, hint } = error?.facts ?? {};
  return {
    module: pair.module.name,
    version: pair.module.version,
    kernel: pair.kernel.release,
    arch: pair.kernel.arch,
    ...(pkgbase === undefined ? {} : { pkgbase }),
    result,
    ...(error === undefined ? {} : { message: error.message }),
    ...(excerpt === undefined ? {} : { excerpt }),
    ...(log === undefined ? {} : { log }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function problem({ message, facts: { hint } }: DkmsError): ReportedProblem {
  return hint === undefined ? { message } : { message, hint };
}

/** The last words of a transaction: one line when all is well; none when there was nothing to do. */
export function lastWords(report: TransactionReport): readonly Line[] {
  const bad = report.pairs.filter(({ result }) => result === "failed" || result === "not-attempted");
  if (bad.length === 0 && report.problems.length === 0) return goodWords(report);
  const lines: string[] = [
    `==> ERROR: DKMS: ${countOf(bad.length + report.problems.length, "problem")} in this transaction.`,
  ];
  for (const { message, hint } of report.problems) lines.push(`  -> ${message}`, ...indented(hint));
  for (const pair of bad) lines.push(...badPair(pair));
  lines.push(...ownModules(report));
  for (const warning of report.warnings ?? []) lines.push(`==> WARNING: ${warning}`);
  const lacking = bad.filter(({ installedVersion: version }) => version === undefined);
  if (lacking.length > 0) {
    const kernels = [...new Set(lacking.map(kernelName))].join(" or ");
    lines.push(`==> Do not reboot into ${kernels} before this is mended, if you need ${moduleNames(lacking)} there.`);
  } else if (report.problems.length === 0) {
    lines.push("==> No kernel loses a module by this: what was installed before is still in its place.");
  }
  return lines.map((text) => ({ stream: "err", text: printable(text) }));
}

/** Kernels that use a module of their own, and how to have ours. */
function ownModules({ pairs }: TransactionReport): readonly string[] {
  return pairs
    .filter(({ result }) => result === "kernel-has-module")
    .flatMap(({ message, hint }) => [`==> DKMS: ${message ?? ""}`, ...(hint === undefined ? [] : [`  -> ${hint}`])]);
}

function goodWords(report: TransactionReport): readonly Line[] {
  const { pairs } = report;
  const own = ownModules(report).map((text): Line => ({ stream: "out", text: printable(text) }));
  const installed = pairs.filter(({ result }) => result === "installed").length;
  const removed = pairs.filter(({ result }) => result === "removed").length;
  const kept = pairs.filter(({ result }) => result === "kept").length;
  const parts = [
    ...(installed > 0 ? [`${countOf(installed, "module")} installed`] : []),
    ...(removed > 0 ? [`${countOf(removed, "module")} removed`] : []),
    ...(kept > 0 ? [`${countOf(kept, "module")} of a former version kept`] : []),
  ];
  if (parts.length === 0) return own;
  return [...own, { stream: "out", text: `==> DKMS: ${parts.join(", ")}. It is safe to reboot.` }];
}

function badPair(pair: ReportedPair): readonly string[] {
  const name = `${pair.module}/${pair.version}`;
  return [
    `==> ${name} for ${kernelName(pair)}: ${pair.result === "failed" ? "NOT built or installed" : "not attempted"}`,
    ...indented(pair.message),
    ...(pair.excerpt ?? []).slice(0, 3).map((line) => `       ${line}`),
    ...(pair.log === undefined ? [] : [`     log:       ${pair.log}`]),
    `     next boot: ${nextBoot(pair)}`,
    `     try again: dkms install ${name} -k ${pair.kernel}`,
    ...(pair.hint === undefined ? [] : [`     hint:      ${pair.hint}`]),
  ];
}

function nextBoot(pair: ReportedPair): string {
  const { module, version, installedVersion: there } = pair;
  if (there === undefined) return `After a reboot into ${kernelName(pair)} there is no ${module}.`;
  if (there === version) return `${kernelName(pair)} boots with ${module}/${version} as it was built before.`;
  return `${kernelName(pair)} boots with ${module}/${there}, which stays installed.`;
}

function indented(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`     ${text}`];
}

function kernelName({ kernel, pkgbase }: ReportedPair): string {
  return pkgbase === undefined ? kernel : `${kernel} (${pkgbase})`;
}

function moduleNames(pairs: readonly ReportedPair[]): string {
  return [...new Set(pairs.map(({ module }) => module))].join(", ");
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
