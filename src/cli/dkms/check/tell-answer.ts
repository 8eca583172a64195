/** Prints an answer and gives its exit status. */
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
