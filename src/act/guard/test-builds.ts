/** Builds what a plan wants, for the sake of knowing: in private copies of all trees, and with nothing signed or compressed. What is built is kept for the real run. */
import { DkmsError } from "../../model/errors.ts";
import type { ErrorReport } from "../../model/guard/guard.ts";
import { errorReportOf } from "../../model/guard/guard.ts";
import { activeLink, activeLinkText } from "../../model/machine/layout.ts";
import { pairKey, pairWords, sameKernel, type Pair } from "../../model/pair.ts";
import type { ResultOrigin } from "../../model/run/outcome.ts";
import type { Plan, PlannedStep } from "../../model/run/plan.ts";
import { linkAtomically } from "../../system/writing/file-changes.ts";
import { openPlanPool, stepsAtOnce } from "../jobs/plan-pool.ts";
import { Turns } from "../jobs/limiter.ts";
import type { ActContext } from "../context.ts";
import { buildContext, preparePairBuild, type BuildContext } from "../pair-build.ts";
import { register } from "../register.ts";
import { isWorthASecondTry } from "../second-tries.ts";

/** How the test of a pair ended; without an error it builds. */
export interface TestResult {
  readonly pair: Pair;
  readonly error: ErrorReport | undefined;
  readonly seconds: number;
  readonly origin: ResultOrigin;
}

/** Tests every pair that the plan builds, dependencies first, and reports each as it ends. What is known to fail is not built. */
export async function testBuilds(
  plan: Plan,
  context: ActContext & Pick<BuildContext, "failures">,
  report: (result: TestResult) => void,
): Promise<void> {
  const pool = openPlanPool(context);
  const bench = {
    ...buildContext(unsigned(context), pool),
    failures: context.failures,
    turns: new Turns(stepsAtOnce(context)),
  };
  const work: Promise<DkmsError | undefined>[] = [];
  const first = new FirstTries(report);
  try {
    for (const [index, planned] of plan.steps.entries()) {
      const before = [...planned.needs, ...planned.after].flatMap((need) => work[need] ?? []);
      work[index] = Promise.all(before).then((errors) => perform(planned, bench, errors.find(Boolean), first.report));
    }
    const errors = await Promise.all(work);
    // One after the other, as the real run does.
    for (const [index, planned] of plan.steps.entries()) {
      if (errors[index] === undefined || !first.isTriedAgain(planned)) continue;
      const before = [...planned.needs, ...planned.after].flatMap((need) => errors[need] ?? []);
      errors[index] = await perform(planned, bench, before[0], report);
    }
    first.reportRest();
  } finally {
    pool.close();
  }
}

/** Reports what has passed, and holds back what may yet pass, now that other modules of its kernel are there. */
class FirstTries {
  readonly #passed: Pair[] = [];
  readonly #held = new Map<string, TestResult>();
  readonly #report: (result: TestResult) => void;

  constructor(report: (result: TestResult) => void) {
    this.#report = report;
  }

  readonly report = (result: TestResult): void => {
    const { pair, error } = result;
    if (error === undefined) this.#passed.push(pair);
    if (error !== undefined && isWorthASecondTry(error.code, error.facts)) this.#held.set(pairKey(pair), result);
    else this.#report(result);
  };

  /** Whether a step that failed is tried once more; of a build this is asked once. */
  isTriedAgain({ step }: PlannedStep): boolean {
    if (step.kind === "install") return true;
    if (step.kind !== "build" || !this.#held.has(pairKey(step.pair))) return false;
    const { module, kernel } = step.pair;
    const hasCome = this.#passed.some((pair) => pair.module.name !== module.name && sameKernel(pair.kernel, kernel));
    return hasCome && this.#held.delete(pairKey(step.pair));
  }

  reportRest(): void {
    for (const result of this.#held.values()) this.#report(result);
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
      let origin: ResultOrigin = "build";
      const inTurn = async (): Promise<void> => {
        started = performance.now();
        origin = await test(pair, bench);
      };
      const error =
        earlier === undefined
          ? await attempt(() => bench.turns.take(inTurn))
          : new DkmsError(earlier.code, `${pairWords(pair)} was not tested: ${earlier.message}`);
      const seconds = (performance.now() - started) / 1000;
      report({ pair, error: error === undefined ? undefined : errorReportOf(error), seconds, origin });
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

async function test(pair: Pair, bench: Bench): Promise<ResultOrigin> {
  const { run } = await preparePairBuild(pair, "test", bench);
  return run();
}

async function attempt(action: () => unknown): Promise<DkmsError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof DkmsError) return error;
    // One pair's files may be such as nobody has thought of: the others are tested all the same.
    return new DkmsError("file-failed", `The test ended with the error "${String(error)}".`, {}, error);
  }
}
