/** Makes the report of a transaction from plans and outcomes. */
import type { DkmsError } from "../../model/errors.ts";
import type { Outcome } from "../../model/run/outcome.ts";
import { pairKey, sameKernel, sameModule, type Pair } from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type {
  PairResult,
  ReportedPair,
  ReportedProblem,
  TransactionReport,
} from "../../model/health/transaction-report.ts";
import { isProvided } from "../../model/machine/lookup.ts";
import { findKernel, type World } from "../../model/machine/world.ts";
import { lostPairError } from "../run/lost-pairs.ts";

/** What one hook has to report. */
export interface ReportSource {
  readonly transaction: string;
  readonly world: World;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** Pairs whose source was removed and that stay until their successor is in place. */
  readonly kept: readonly Pair[];
  /** Pairs that are installed now. */
  readonly installed: readonly Pair[];
  /** Pairs that were installed, and removed meanwhile by another program. */
  readonly lost: readonly Pair[];
  /** Texts of all warnings. */
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
    if (pair !== undefined && kind !== "warning") {
      for (const one of affected(source, pair, error)) report(one, kind === "skip" ? "skipped" : "failed", error);
    } else if (kind === "refusal") problems.push(problem(error));
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
  for (const pair of source.lost) report(pair, "failed", lostPairError(pair));
  return { format: 1, transaction, pairs: [...pairs.values()], problems, warnings: source.warnings };
}

/** The planner names one pair of a kernel without headers; every module that is wanted there is affected. */
function affected({ world, installed }: ReportSource, pair: Pair, { code }: DkmsError): readonly Pair[] {
  if (code !== "headers-missing") return [pair];
  const { kernel } = pair;
  const others = world.modules
    .filter(({ id, sourcePresent }) => sourcePresent && !sameModule(id, pair.module))
    .map(({ id }): Pair => ({ module: id, kernel }))
    .filter((other) => {
      const conf = world.confs.get(pairKey(other));
      if (conf?.kind !== "valid" || conf.directives.autoinstall === "no" || isProvided(world, other)) return false;
      return conf.exclusions.pair.length === 0 && installedVersion(installed, other) === undefined;
    });
  return [pair, ...others];
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
