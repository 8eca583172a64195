/** Adds the judgement of the next boot to the report of a transaction. */
import { DkmsError } from "../../model/errors.ts";
import type { TransactionReport } from "../../model/health/transaction-report.ts";
import type { ReportedBoot } from "../../model/boot/reported.ts";
import { readWorld } from "../../observe/world.ts";
import { listDirectory } from "../../system/files/files.ts";
import { reportedBoot } from "../../tell/boot.ts";
import { judgeNextBoot } from "../walk/next-boot.ts";
import { readHookSettings, type Settings } from "../frame/settings.ts";
import { saveReport } from "../../act/transaction/saved-report.ts";
import { runId } from "../../observe/pacman/run-id.ts";

/** Judges and, but for a dry run, saves; gives the whole report. A transaction in which DKMS had no part has none, unless a kernel is not ready to boot. */
export async function addJudgement(
  found: TransactionReport | undefined,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<TransactionReport | undefined> {
  const settings = await readHookSettings({ dryRun: isDryRun });
  const empty = { format: 1, transaction: runId(), pairs: [], problems: [] } as const;
  const report = found ?? empty;
  const removed = report.pairs.filter(({ result }) => result === "removed").map(({ module }) => module);
  const boot = await judge(settings, new Set(removed));
  if (boot instanceof DkmsError) {
    // What could not be looked at must not look as if it were right.
    const problem = { message: `The next boot could not be checked: ${boot.message}` };
    return saved(settings, { ...report, problems: [...report.problems, problem] });
  }
  if (found === undefined && !isWrong(boot)) return undefined;
  return saved(settings, { ...report, boot });
}

function saved({ layout, dryRun }: Settings, report: TransactionReport): TransactionReport {
  if (!dryRun) saveReport(layout, report);
  return report;
}

/** A kernel that will not boot as the machine needs it; modules that are missing otherwise are told by the transaction that misses them. */
function isWrong({ kernels, nothingLeft, required }: ReportedBoot): boolean {
  if (nothingLeft !== undefined && (kernels.length > 0 || required.length > 0)) return true;
  return kernels.some(({ problems }) => problems.some(({ boot }) => boot));
}

async function judge(settings: Settings, removed: ReadonlySet<string>): Promise<ReportedBoot | DkmsError> {
  try {
    const releases = new Set(listDirectory(settings.layout.installTree));
    const request = { kind: "transaction-install", scope: { releases, sourceDirectories: new Set<string>() } } as const;
    const world = await readWorld(request, settings, "needed");
    const { judgement, required } = await judgeNextBoot(settings, { world, removed });
    return reportedBoot(judgement, required);
  } catch (error) {
    if (error instanceof DkmsError) return error;
    throw error;
  }
}
