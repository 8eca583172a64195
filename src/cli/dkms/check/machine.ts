/** `dkms check --installed`: judges the next boot of the machine as it is. Builds nothing and changes nothing. */
import { DkmsError } from "../../../model/errors.ts";
import type { CheckAnswer } from "../../../model/check/check.ts";
import { readWholeWorld } from "../../../observe/world.ts";
import { keepWordsFromStdout } from "../../../system/output.ts";
import { reportedBoot } from "../../../tell/boot.ts";
import { judgeNextBoot } from "../../walk/next-boot.ts";
import type { Settings } from "../../frame/settings.ts";
import type { CheckOrder } from "./order.ts";
import { noAnswer, tellAnswer } from "./tell-answer.ts";

/** Prints the judgement; returns the exit status. */
export async function checkMachine(settings: Settings, order: CheckOrder): Promise<number> {
  if (order.json) keepWordsFromStdout();
  return tellAnswer(await judged(settings, order), order);
}

async function judged(settings: Settings, order: CheckOrder): Promise<CheckAnswer> {
  try {
    const world = await readWholeWorld(settings);
    const { judgement, required } = await judgeNextBoot(settings, { world, allImages: true });
    const boot = reportedBoot(judgement, required);
    const isEmpty = world.modules.length === 0 && required.length === 0;
    const isWrong = boot.nothingLeft !== undefined || boot.kernels.some(({ verdict }) => verdict === "not-ready");
    const isOpen = boot.kernels.some(({ verdict }) => verdict === "not-checked");
    const verdict = isEmpty ? "nothing" : isWrong ? "breaks" : isOpen ? "unknown" : "fine";
    return { ...noAnswer(order), verdict, boot };
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    return noAnswer(order, error.message);
  }
}
