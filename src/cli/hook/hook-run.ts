/** The work of a hook program whose targets concern us: observe, decide, act and the report of it. */
import type { Targets } from "../../alpm/targets.ts";
import { awaitedVersion } from "../../decide/plan/successors.ts";
import { afterDeparture } from "../../model/machine/leaving.ts";
import { moduleText } from "../../model/pair.ts";
import type { Module } from "../../model/machine/world.ts";
import { mergeReports } from "../../model/health/transaction-report.ts";
import { hasSource, readTree } from "../../observe/tree/tree.ts";
import { writeLine } from "../../system/output.ts";
import { makeReport } from "../../tell/report/transaction-report.ts";
import type { HookProgram } from "./options.ts";
import { walk } from "../walk/run.ts";
import { useTransactionColours } from "../frame/transaction-colours.ts";
import { saveReport } from "../../act/transaction/saved-report.ts";
import { readHookSettings } from "../frame/settings.ts";
import { runId } from "../../observe/pacman/run-id.ts";

/** What a hook program was asked for besides its targets; `leaving`: the work is done before the transaction, which removes this program. */
interface HookArguments {
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly leaving: boolean;
}

/** Returns the exit status: 0, 1 when a pair failed, 128 + n after signal n. */
export async function runHook(program: HookProgram, given: HookArguments, targets: Targets): Promise<number> {
  const { releases, sourceDirectories, parts } = targets;
  await useTransactionColours();
  const settings = await readHookSettings(given);
  const kernels = new Set([...parts["modules.order"], ...parts.vmlinuz, ...parts.pkgbase]);
  const request = { kind: program.request, scope: { releases, sourceDirectories } } as const;
  const arrivals = given.leaving
    ? (await import("../../act/guard/arrivals.ts")).readArrivals(settings.layout)
    : undefined;
  const { signalCode, ...walked } = await walk(
    request,
    settings,
    arrivals === undefined
      ? undefined
      : (observed) => afterDeparture(observed, { sourceDirectories, kernels, arrivals }),
  );
  if (given.dryRun) return 0;
  const passes = [walked, ...walked.finished];
  const isUntouched = !given.leaving && passes.every(({ outcomes }) => outcomes.length === 0);
  const after = isUntouched ? walked.world.modules : readTree(settings.layout, "states");
  const kept = after.flatMap(({ pairs }) =>
    pairs.map(({ pair }) => pair).filter((pair) => awaitedVersion(after, pair, hasSource) !== undefined),
  );
  const installed = after.flatMap(({ pairs }) =>
    pairs.filter(({ state }) => state === "installed").map(({ pair }) => pair),
  );
  const report = passes
    .map((pass) => makeReport({ transaction: runId(), ...pass, kept, installed }))
    .reduce(mergeReports);
  saveReport(settings.layout, report);
  if (given.leaving) tellWhatStays(after);
  if (signalCode !== undefined) return signalCode;
  const isBad =
    report.problems.length > 0 || report.pairs.some(({ result }) => result === "failed" || result === "not-attempted");
  return isBad ? 1 : 0;
}

function tellWhatStays(modules: readonly Module[]): void {
  const names = modules.filter(({ pairs }) => pairs.length > 0).map(({ id }) => moduleText(id));
  if (names.length === 0) return;
  const what =
    "==> dkms-alpm is being removed. Unless another dkms takes its place, new kernels get none of these modules";
  writeLine("out", `${what}: ${names.join(", ")}`);
}
