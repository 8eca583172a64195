/** The walk of `dkms-report`: the report of a transaction, from what its hooks have noted and what the next boot will find. */
import type { TransactionReport } from "../../model/health/transaction-report.ts";
import { readReports } from "../../observe/health/reports.ts";
import { defaultLayout } from "../../model/machine/layout.ts";
import { isRoot } from "../../system/environment.ts";
import { writeDocument, writeLine } from "../../system/output.ts";
import { reportLines } from "../../tell/report/lines.ts";
import { reportsJson } from "../../tell/report/json.ts";
import { unfinishedLines } from "../../tell/run/unfinished.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import { areTargetsSaved } from "../../act/transaction/saved-targets.ts";
import { runId } from "../../observe/pacman/run-id.ts";

/**
 * Judges the next boot, adds that to the transaction's report and prints it; `--last` prints the report of whatever transaction was last. Returns 1
 * when that tells of something wrong, in a transaction always 0. `--kernel RELEASE` checks one kernel and returns 77 when a required module is missing.
 */
export async function runReport(given: ParsedArguments): Promise<number> {
  const isDryRun = given.has("dry-run");
  const release = given.value("kernel");
  if (release !== undefined) {
    const { checkKernel } = await import("./kernel-check.ts");
    return checkKernel(release);
  }
  const [last] = readReports(defaultLayout, 1);
  const isLast = given.has("last");
  const found = isLast || last?.report.transaction === runId() ? last?.report : undefined;
  const whole = isLast || !isRoot() ? found : await judged(found, { isDryRun });
  const told = whole === undefined ? [] : reportLines(whole);
  if (given.has("json")) {
    writeDocument(
      reportsJson(whole === undefined ? [] : [{ time: last?.time ?? new Date().toISOString(), report: whole }]),
    );
    return isLast && told.some(({ stream }) => stream === "err") ? 1 : 0;
  }
  // While something is unfinished, no word that all is well.
  const lines = areTargetsSaved() ? [...told.filter(({ stream }) => stream === "err"), ...unfinishedLines] : told;
  if (lines.length > 0 && !isLast) {
    const { useTransactionColours } = await import("../frame/transaction-colours.ts");
    await useTransactionColours();
  }
  for (const { stream, text } of lines) writeLine(stream, text);
  const isBad = lines.some(({ stream }) => stream === "err");
  if (isBad && !isLast && !isDryRun && whole !== undefined) {
    const { tellOutside } = await import("./told-report.ts");
    await tellOutside(whole);
  }
  // In a transaction everything has been told; another failed hook would only add to the noise.
  return isBad && isLast ? 1 : 0;
}

/** The report with the judgement in it; undefined when DKMS had no part in the transaction and nothing is wrong. */
async function judged(
  found: TransactionReport | undefined,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<TransactionReport | undefined> {
  const { addJudgement } = await import("./judged-report.ts");
  return addJudgement(found, { isDryRun });
}
