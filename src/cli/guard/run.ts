/** A test before a transaction: what is coming is found and extracted, a rehearsal is made of it, and its results are judged. */
import { askForSandbox } from "../../act/sandbox/probe.ts";
import { clearUnfinished, openRoom } from "../../act/guard/room.ts";
import type { Targets } from "../../alpm/targets.ts";
import { judgeTransaction, settledVerdicts } from "../../decide/guard/judgement.ts";
import { arrivalsOf } from "../../model/guard/arrivals.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readIncoming } from "../../observe/pacman/incoming/incoming.ts";
import { writeLine } from "../../system/output.ts";
import { watchSignals } from "../../system/process/signals.ts";
import { guardLines } from "../../tell/guard.ts";
import { findingProblems } from "../../tell/notify/problems.ts";
import { gatherEvidence } from "./evidence.ts";
import { noteArrivals } from "./arrivals.ts";
import { policyOf } from "./policy.ts";
import { tellLine } from "../frame/live-output.ts";
import { tellJournal } from "../notify/journal.ts";
import { readHookSettings } from "../frame/settings.ts";

/** Returns `refused`, `passed`, or 128 + n after signal n. */
export async function runGuard(targets: Targets, dryRun: boolean): Promise<"refused" | "passed" | number> {
  const settings = await readHookSettings({ dryRun: "no", verbose: "no", help: "no", version: "no", leaving: "no" });
  const policy = policyOf(settings);
  if (policy === "off") return "passed";
  if (!dryRun) noteArrivals(settings.layout);
  askForSandbox({ sandbox: settings.own.sandbox.value });
  const interruption = watchSignals();
  const { signal } = interruption;
  const warn = (text: string): void => writeLine("err", `==> WARNING: ${text}`);
  const room = openRoom((holder) => writeLine("err", `Waiting for another test to finish: ${holder} ...`), warn);
  try {
    clearUnfinished(settings.layout, warn);
    const pacman = findCallingPacman();
    const incoming = await readIncoming(targets, pacman, signal);
    const scene = { room, incoming, settings, pacman, dryRun, use: "test" } as const;
    const evidence = await gatherEvidence(scene, signal);
    clearUnfinished(settings.layout, warn);
    const exitCode = interruption.exitCode();
    if (exitCode !== undefined) return exitCode;
    if (dryRun) {
      const { obstacle } = evidence.rehearsal;
      if (obstacle !== undefined) writeLine("out", `Nothing could be tested: ${obstacle}.`);
      return "passed";
    }
    const settled = { ...evidence.rehearsal, verdicts: settledVerdicts(evidence.rehearsal, incoming) };
    noteArrivals(settings.layout, arrivalsOf(settled, incoming.sourceDirectories));
    const judgement = judgeTransaction(evidence, { policy, unknown: settings.own.guard.unknown.value });
    const asked = { words: pacman?.words ?? [], operation: pacman?.command.operation ?? "other" } as const;
    guardLines(judgement, asked).forEach(tellLine);
    await tellJournal(findingProblems(judgement.findings));
    return judgement.decision === "refuse" ? "refused" : "passed";
  } finally {
    room.release();
    interruption.release();
  }
}
