/** Prints an answer and gives its exit status. */
import { DkmsError } from "../../../model/errors.ts";
import { checkStatus, type CheckAnswer } from "../../../model/check/check.ts";
import { writeDocument } from "../../../system/output.ts";
import { checkJson } from "../../../tell/check/json.ts";
import { checkLines } from "../../../tell/check/text.ts";
import { userNames } from "../../../tell/names.ts";
import { tellLine } from "../../frame/live-output.ts";
import type { CheckOrder } from "./order.ts";

/** Prints it as it was asked for. */
export function tellAnswer(answer: CheckAnswer, { json }: Pick<CheckOrder, "json">): number {
  if (json) writeDocument(checkJson(answer));
  else {
    const names = userNames(answer.kernels.map(({ kernel, ...rest }) => ({ ...rest, release: kernel })));
    for (const { stream, text } of checkLines(answer)) tellLine({ stream, text: names(text) });
  }
  return checkStatus[answer.verdict];
}

/** Finds an answer; what stands in the way is the answer as well. */
export async function answered(
  order: Pick<CheckOrder, "subject">,
  find: () => Promise<CheckAnswer>,
): Promise<CheckAnswer> {
  try {
    return await find();
  } catch (error) {
    return answerOf(order, error);
  }
}

/** The answer that an error is; throws it where it is none, or speaks of the command line. */
export function answerOf(order: Pick<CheckOrder, "subject">, error: unknown): CheckAnswer {
  if (!(error instanceof DkmsError) || error.code === "usage") throw error;
  const hint = error.facts.hint === undefined ? "" : ` ${error.facts.hint}`;
  return noAnswer(order, `${error.message}${hint}`);
}

/** What is said when nothing could be found out, or there is nothing. */
export function noAnswer({ subject }: Pick<CheckOrder, "subject">, doubt?: string): CheckAnswer {
  return {
    format: 1,
    time: timeNow(),
    subject,
    verdict: doubt === undefined ? "nothing" : "unknown",
    refused: false,
    ...{ packages: [], kernels: [], findings: [], ignore: [], newer: [] },
    doubts: doubt === undefined ? [] : [doubt],
  };
}

/** `2026-11-29T09:30:00Z` */
function timeNow(): string {
  return new Date().toISOString().replace(/\.\d+/, "");
}
