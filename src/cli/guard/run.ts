/** A test before a transaction: the incoming packages are found and extracted, test builds are made of them, and the results are judged. */
import { askForSandbox } from "../../act/sandbox/probe.ts";
import { clearUnfinished, openWorkDirectory } from "../../act/guard/work-directory.ts";
import type { Targets } from "../../alpm/targets.ts";
import { judgeTransaction, settledVerdicts } from "../../decide/guard/judgement.ts";
import { arrivalsOf } from "../../decide/guard/arrivals.ts";
import type { Tested } from "../../model/guard/guard.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readIncoming } from "../../observe/pacman/incoming/incoming.ts";
import { writeLine } from "../../system/output.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { guardLines } from "../../tell/guard.ts";
import { findingProblems } from "../../tell/notify/problems.ts";
import { userNames } from "../../tell/names.ts";
import { gatherEvidence, type GuardScene } from "../walk/evidence.ts";
import { noteArrivals } from "../../act/guard/arrivals.ts";
import { policyOf } from "./policy.ts";
import { HookOutput } from "../frame/hook-output.ts";
import { tellLine } from "../frame/live-output.ts";
import { tellJournal } from "../frame/journal.ts";
import { useTransactionColours } from "../frame/transaction-colours.ts";
import { readHookSettings } from "../frame/settings.ts";

/** Returns `refused`, `passed`, or 128 + n after signal n. */
export async function runGuard(
  targets: Targets,
  { dryRun, verbose }: { readonly dryRun: boolean; readonly verbose: boolean },
): Promise<"refused" | "passed" | number> {
  await useTransactionColours();
  const settings = await readHookSettings({ verbose });
  if (!dryRun) noteArrivals(settings.layout);
  const policy = policyOf(settings);
  if (policy === "off") return "passed";
  askForSandbox({ sandbox: settings.own.sandbox.value });
  const warn = (text: string): void => writeLine("err", `==> WARNING: ${text}`);
  const work = openWorkDirectory(
    (holder) => writeLine("err", `Waiting for another test to finish: ${holder} ...`),
    warn,
  );
  // Only now: a wait for the lock is one call, which signals end only by their default meaning.
  const interruption = watchSignals();
  const { signal } = interruption;
  try {
    clearUnfinished(settings.layout, warn);
    const pacman = findCallingPacman();
    const incoming = await readIncoming(targets, pacman, signal);
    const output: GuardScene["output"] = (builds) => new HookOutput(builds);
    const scene = { work, incoming, settings, pacman, dryRun, output, use: "test" } as const;
    const evidence = await gatherEvidence(scene, signal);
    clearUnfinished(settings.layout, warn);
    const exitCode = interruption.exitCode();
    if (exitCode !== undefined) return exitCode;
    if (dryRun) {
      const { obstacle } = evidence.tested;
      if (obstacle !== undefined) writeLine("out", `Nothing could be tested: ${obstacle}.`);
      return "passed";
    }
    const settled = { ...evidence.tested, verdicts: settledVerdicts(evidence.tested, incoming) };
    noteArrivals(settings.layout, arrivalsOf(settled, incoming));
    const judgement = judgeTransaction(evidence, { policy, unknown: settings.own.guard.unknown.value });
    const asked = { words: pacman?.words ?? [], operation: pacman?.command.operation ?? "other" } as const;
    const names = userNames(kernelsOf(evidence.tested));
    guardLines(judgement, asked).forEach(({ stream, text }) => tellLine({ stream, text: names(text) }));
    await tellJournal(findingProblems(judgement.findings));
    return judgement.decision === "refuse" ? "refused" : "passed";
  } finally {
    work.release();
    interruption.release();
  }
}

/** The kernels that messages can be about. */
function kernelsOf({ machine }: Tested): Parameters<typeof userNames>[0] {
  return [...(machine?.after ?? []), ...(machine?.before ?? [])].map(({ kernel, pkgbase }) => ({ ...kernel, pkgbase }));
}
