/** `dkms check`: starts itself again with mounts and processes of its own, so that nothing is left of it however it ends, and clears up afterwards. */
import { clearUnfinished, openWorkDirectory } from "../../../act/guard/work-directory.ts";
import { proxies } from "../../../act/check/databases.ts";
import { defaultLayout } from "../../../model/machine/layout.ts";
import { ownProgram } from "../../../observe/own-program.ts";
import { callerEnvironment, processId, workingDirectory } from "../../../system/environment.ts";
import { writeLine } from "../../../system/output.ts";
import { startTimeOf } from "../../../system/process/ancestors.ts";
import { hasOwnMounts, ownMountsMark, ownProcesses } from "../../../system/process/namespace.ts";
import { run } from "../../../system/process/processes.ts";
import { watchSignals } from "../../../system/process/signals.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";
import { readOrder, type CheckOrder } from "./order.ts";
import { checkLayout } from "./places.ts";
import { answerOf, noAnswer, tellAnswer } from "./tell-answer.ts";

/** The directory of this run, from the process that holds it to the one that works in it. */
const workVariable = "DKMS_ALPM_CHECK_DIRECTORY";

/** Checks; returns 0 when all is fine, 1 when something would break, 2 when there is nothing to check, 3 when that cannot be found out, 128 + n after signal n. */
export async function runCheck(
  settings: Settings,
  given: ParsedArguments,
  _: string,
  argv: readonly string[],
): Promise<number> {
  const order = readOrder(given);
  try {
    return await check(settings, order, argv);
  } catch (error) {
    return tellAnswer(answerOf(order, error), order);
  }
}

async function check(settings: Settings, order: CheckOrder, argv: readonly string[]): Promise<number> {
  if (order.subject === "machine") {
    const { checkMachine } = await import("./machine.ts");
    return checkMachine(settings, order);
  }
  const work = callerEnvironment()[workVariable];
  if (work !== undefined && hasOwnMounts()) {
    const { checkInside } = await import("./inside.ts");
    return checkInside(settings, order, work);
  }
  return checkFromOutside(order, argv);
}

async function checkFromOutside(order: CheckOrder, argv: readonly string[]): Promise<number> {
  const own = ownProcesses();
  const { status, stderr } = await run([...own, "true"], { timeoutSeconds: 20 });
  if (status !== 0) {
    const why = stderr.trim().split("\n").at(-1) ?? "";
    const doubt = `This user cannot lay out the machine as it will be (${why}). Try: sudo dkms check`;
    return tellAnswer(noAnswer(order, doubt), order);
  }
  const layout = checkLayout(defaultLayout);
  const warn = (text: string): void => writeLine("err", `==> WARNING: ${text}`);
  const waiting = (holder: string): void => writeLine("err", `Waiting for another test to finish: ${holder} ...`);
  // Before signals are watched: a wait for the lock is one call, which they end only by their default meaning.
  const work = openWorkDirectory(waiting, warn, layout);
  const interruption = watchSignals();
  try {
    clearUnfinished(layout, warn);
    const inner = await run([...own, ...ownProgram(argv.length), ...argv], {
      output: "inherit",
      cwd: workingDirectory(),
      signal: interruption.signal,
      timeoutSeconds: 0,
      environment: {
        ...ownMountsMark,
        ...userVariables(),
        ...proxies(),
        [workVariable]: work.directory,
        DKMS_ALPM_TRANSACTION: `${processId()}:${startTimeOf(processId())}`,
      },
    });
    return interruption.exitCode() ?? inner.status;
  } finally {
    clearUnfinished(layout, warn);
    work.release();
    interruption.release();
  }
}

/** What tells where a user has his own files. */
function userVariables(): Readonly<Record<string, string>> {
  const cache = callerEnvironment()["XDG_CACHE_HOME"];
  return cache === undefined ? {} : { XDG_CACHE_HOME: cache };
}
