/** The check itself, in a process with mounts and processes of its own: one answer, whatever happens. */
import { workDirectoryAt } from "../../../act/guard/work-directory.ts";
import { askForSandbox } from "../../../act/sandbox/probe.ts";
import type { CheckAnswer } from "../../../model/check/check.ts";
import { DkmsError } from "../../../model/errors.ts";
import type { Layout } from "../../../model/machine/layout.ts";
import { canBecomeOthers } from "../../../system/environment.ts";
import { keepWordsFromStdout, writeLine } from "../../../system/output.ts";
import { watchSignals } from "../../../system/process/signals.ts";
import { afterSeconds } from "../../../system/process/timer.ts";
import { checkJson } from "../../../tell/check/json.ts";
import { answerProblems } from "../../../tell/notify/problems.ts";
import { monotonicTime } from "../../../system/terminal.ts";
import { tellJournal } from "../../frame/journal.ts";
import type { Settings } from "../../frame/settings.ts";
import type { CheckOrder } from "./order.ts";
import { checkLayout } from "./places.ts";
import { saveAnswer } from "../../../act/check/saved-answer.ts";
import { answered, tellAnswer } from "./tell-answer.ts";
import { checkUpgrade } from "./upgrade.ts";

/** Checks, prints the answer and returns its exit status; 128 + n after signal n. */
export async function checkInside(settings: Settings, order: CheckOrder, directory: string): Promise<number> {
  if (order.json) keepWordsFromStdout();
  const layout = checkLayout(settings.layout);
  const interruption = watchSignals();
  const late = new AbortController();
  const left = order.timeout === undefined ? undefined : order.timeout - (monotonicTime() - order.began) / 1000;
  const timer = left === undefined ? undefined : afterSeconds(Math.max(0, left), () => late.abort());
  askForSandbox({ sandbox: settings.own.sandbox.value });
  const scene = { settings: { ...settings, layout }, order, work: workDirectoryAt(directory, layout) };
  try {
    const answer = await answered(order, () =>
      checkUpgrade(scene, AbortSignal.any([interruption.signal, late.signal])),
    );
    const exitCode = interruption.exitCode();
    if (exitCode !== undefined) return exitCode;
    if (!late.signal.aborted) {
      if (canBecomeOthers() && order.subject === "upgrade") {
        // An answer without ignored packages is about the whole upgrade.
        if (order.ignored.length === 0) save(settings.layout, answer);
        await tellJournal(answerProblems(answer));
      }
      return tellAnswer(answer, order);
    }
    const doubt = `The check was not finished within ${order.timeout} s (--timeout).`;
    return tellAnswer({ ...answer, verdict: "unknown", doubts: [doubt] }, order);
  } finally {
    clearTimeout(timer);
    interruption.release();
  }
}

/** `dkms status` shows it later; whoever waits for the answer gets it all the same. */
function save(layout: Layout, answer: CheckAnswer): void {
  try {
    saveAnswer(layout, checkJson(answer));
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    writeLine("err", `==> WARNING: The answer is not kept for dkms status: ${error.message}`);
  }
}
