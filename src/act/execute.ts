/** Carries a plan out: a step begins when those that it needs have succeeded, and a failure stops only what depends on it. */
import { DkmsError } from "../model/errors.ts";
import { buildPlace } from "../model/machine/layout.ts";
import type { Ending, Outcome } from "../model/run/outcome.ts";
import { pairKey, pairWords } from "../model/pair.ts";
import { stepPair, type Plan, type PlannedStep, type Step } from "../model/run/plan.ts";
import { forgetRecent } from "../observe/recent-answers.ts";
import { removeIfEmpty } from "../system/writing/file-changes.ts";
import { openJobPool } from "./jobs/jobserver.ts";
import { openPlanPool, stepsAtOnce } from "./jobs/plan-pool.ts";
import type { ActContext } from "./context.ts";
import { buildContext } from "./pair-build.ts";
import { SecondTries } from "./second-tries.ts";
import { performStep, type StepContext } from "./steps.ts";

/** Carries out every step of a plan that can be; returns the outcomes in the order in which they came. Throws only for a bug of ours. */
export async function execute(plan: Plan, context: ActContext): Promise<readonly Outcome[]> {
  const endings: (Ending | undefined)[] = plan.steps.map(() => undefined);
  const outcomes: Outcome[] = [];
  const running = new Map<number, Promise<void>>();
  const isBuilding = plan.steps.some(({ step }) => step.kind === "build");
  const pool = isBuilding ? openPlanPool(context) : openJobPool(0);
  const steps = buildContext(context, pool);
  const limit = stepsAtOnce(context);
  const tries = new SecondTries(plan);

  const finish = (index: number, planned: PlannedStep, ending: Ending, seconds: number): void => {
    endings[index] = ending;
    const outcome: Outcome = { index, planned, ending, seconds };
    outcomes.push(outcome);
    context.tell({ kind: "ended", outcome });
  };

  const begin = (index: number, planned: PlannedStep): void => {
    const obstacle = obstacleOf(plan, endings, planned, context.signal);
    if (obstacle !== undefined) {
      finish(index, planned, obstacle, 0);
      return;
    }
    context.tell({ kind: "begun", index, planned });
    tries.begins(index, endings);
    const started = performance.now();
    const work = attempt(planned.step, steps).then((ending) => {
      running.delete(index);
      const seconds = (performance.now() - started) / 1000;
      if (context.signal.aborted || !tries.hold(index, { ending, seconds }, endings)) {
        finish(index, planned, ending, seconds);
      }
    });
    running.set(index, work);
  };

  const judgeHeld = (index: number, planned: PlannedStep): void => {
    const verdict = context.signal.aborted ? tries.giveUp(index) : tries.judge(index, endings);
    if (verdict.kind === "over") finish(index, planned, verdict.held.ending, verdict.held.seconds);
    if (verdict.kind !== "again") return;
    context.tell({ kind: "note", level: "warning", text: verdict.warning });
    begin(index, planned);
  };

  forgetRecent();
  try {
    for (;;) {
      for (const [index, planned] of plan.steps.entries()) {
        if (endings[index] !== undefined || running.has(index)) continue;
        if (running.size >= limit) break;
        if (tries.has(index)) judgeHeld(index, planned);
        else if (isReady(endings, planned)) begin(index, planned);
      }
      if (running.size > 0) await Promise.race(running.values());
      else if (endings.every((ending) => ending !== undefined)) return outcomes;
    }
  } finally {
    forgetRecent();
    pool.close();
    removeBuildPlace(context);
  }
}

/** What is left there goes with the next run that has work: no reason to lose the outcomes of this one. */
function removeBuildPlace({ layout, tell }: ActContext): void {
  try {
    removeIfEmpty(buildPlace(layout));
    return;
  } catch {
    // A run without work does not look here: what a disk refuses once it may do when it is asked again.
  }
  try {
    removeIfEmpty(buildPlace(layout));
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    tell({ kind: "note", level: "warning", text: error.message });
  }
}

function isReady(endings: readonly (Ending | undefined)[], { needs, after }: PlannedStep): boolean {
  return [...needs, ...after].every((index) => endings[index] !== undefined);
}

/** Why a step whose turn has come is not attempted. */
function obstacleOf(
  plan: Plan,
  endings: readonly (Ending | undefined)[],
  planned: PlannedStep,
  signal: AbortSignal,
): Ending | undefined {
  if (signal.aborted) {
    return { kind: "not-attempted", cause: "interruption", error: new DkmsError("interrupted", "Interrupted.") };
  }
  const failed = planned.needs.find((index) => !succeeded(endings[index]));
  if (failed === undefined) {
    const { step, after } = planned;
    // Nothing has changed for this kernel, so its index is right as it is.
    const idle = step.kind === "depmod" && after.length > 0 && after.every((index) => endings[index]?.kind !== "done");
    return idle ? { kind: "unchanged", why: "nothing has changed" } : undefined;
  }
  return notAttempted(plan.steps[failed]?.step, planned.step);
}

function notAttempted(failed: Step | undefined, step: Step): Ending {
  const culprit = failed === undefined ? undefined : stepPair(failed);
  const pair = stepPair(step);
  const isOther = culprit !== undefined && pair !== undefined && pairKey(culprit) !== pairKey(pair);
  const message = isOther
    ? `${pairWords(pair)} is not attempted: ${pairWords(culprit)}, which it needs, has failed.`
    : "An earlier step has failed.";
  return {
    kind: "not-attempted",
    cause: isOther ? "dependency" : "own-failure",
    error: new DkmsError("dependency-failed", message),
  };
}

function succeeded(ending: Ending | undefined): boolean {
  return ending?.kind === "done" || ending?.kind === "unchanged";
}

async function attempt(step: Step, context: StepContext): Promise<Ending> {
  try {
    return await performStep(step, context);
  } catch (error) {
    if (error instanceof DkmsError) return { kind: "failed", error };
    throw error;
  }
}
