/** Builds what a plan wants, for the sake of knowing: in private copies of all trees, and with nothing signed or compressed. What is built is kept for the real run. */
import { DkmsError } from "../../model/errors.ts";
import type { ErrorReport } from "../../model/guard/guard.ts";
import { errorReportOf } from "../../model/guard/guard.ts";
import { activeLink, activeLinkText } from "../../model/machine/layout.ts";
import { pairWords, type Pair } from "../../model/pair.ts";
import type { Plan, PlannedStep } from "../../model/run/plan.ts";
import { linkAtomically } from "../../system/files/file-changes.ts";
import { openPlanPool, stepsAtOnce } from "../jobs/plan-pool.ts";
import { Turns } from "../jobs/limiter.ts";
import type { ActContext } from "../context.ts";
import { buildContext, preparePairBuild, type BuildContext } from "../pair-build.ts";
import { register } from "../register.ts";

/** How the test of a pair ended; without an error it builds. */
export interface TestResult {
  readonly pair: Pair;
  readonly error: ErrorReport | undefined;
  readonly seconds: number;
  readonly from: "build" | "cache";
}

/** Tests every pair that the plan builds, dependencies first, and reports each as it ends. */
export async function testBuilds(plan: Plan, context: ActContext, report: (result: TestResult) => void): Promise<void> {
  const pool = openPlanPool(context);
  const bench = { ...buildContext(unsigned(context), pool), turns: new Turns(stepsAtOnce(context)) };
  const work: Promise<DkmsError | undefined>[] = [];
  try {
    for (const [index, planned] of plan.steps.entries()) {
      const before = [...planned.needs, ...planned.after].flatMap((need) => work[need] ?? []);
      work[index] = Promise.all(before).then((errors) => perform(planned, bench, errors.find(Boolean), report));
    }
    await Promise.all(work);
  } finally {
    pool.close();
  }
}

interface Bench extends BuildContext {
  /** Each test has its sources copied: not all of them at once. */
  readonly turns: Turns;
}

/** Signing comes when a result is installed: a test must not even make a key. */
function unsigned(context: ActContext): ActContext {
  const { framework } = context;
  return { ...context, framework: { ...framework, trySignModules: { value: "never", from: "dkms-guard" } } };
}

/** Returns why those that need this step cannot be tested. */
async function perform(
  { step }: PlannedStep,
  bench: Bench,
  earlier: DkmsError | undefined,
  report: (result: TestResult) => void,
): Promise<DkmsError | undefined> {
  const { layout } = bench;
  switch (step.kind) {
    case "add":
      return attempt(() => register(layout, step.module, step.source));
    case "build": {
      const { pair } = step;
      let started = performance.now();
      let from: TestResult["from"] = "build";
      const inTurn = async (): Promise<void> => {
        started = performance.now();
        from = await test(pair, bench);
      };
      const error =
        earlier === undefined
          ? await attempt(() => bench.turns.take(inTurn))
          : new DkmsError(earlier.code, `${pairWords(pair)} was not tested: ${earlier.message}`);
      const seconds = (performance.now() - started) / 1000;
      report({ pair, error: error === undefined ? undefined : errorReportOf(error), seconds, from });
      return error;
    }
    case "install":
      // The build of a module that depends on this one finds it as if it were installed.
      return (
        earlier ??
        attempt(() =>
          linkAtomically(activeLinkText(step.pair), activeLink(layout, step.pair.module.name, step.pair.kernel)),
        )
      );
    default:
      return earlier;
  }
}

async function test(pair: Pair, bench: Bench): Promise<TestResult["from"]> {
  const { run } = await preparePairBuild(pair, "test", bench);
  return (await run()) === "built" ? "build" : "cache";
}

async function attempt(action: () => unknown): Promise<DkmsError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof DkmsError) return error;
    throw error;
  }
}
