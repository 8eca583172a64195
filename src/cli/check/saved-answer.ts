/** The last answer of root's check, for doctor, status, notifications and prompts. */
import { checkFile } from "../../model/machine/layout.ts";
import type { CheckAnswer } from "../../model/check/check.ts";
import { canBecomeOthers } from "../../system/environment.ts";
import { writeAtomically } from "../../system/files/file-changes.ts";
import type { Settings } from "../frame/settings.ts";
import { checkJson } from "../../tell/check/json.ts";
import type { CheckOrder } from "./order.ts";

/** Saves the answer about the whole upgrade: every user may read it. */
export function saveAnswer({ layout }: Pick<Settings, "layout">, answer: CheckAnswer, order: CheckOrder): void {
  if (!canBecomeOthers() || order.subject !== "upgrade" || order.ignored.length > 0) return;
  writeAtomically(checkFile(layout), `${checkJson(answer)}\n`);
}
