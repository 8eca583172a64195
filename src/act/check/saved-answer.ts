/** The last answer of root's check, for doctor, status, notifications and prompts. */
import { checkFile, type Layout } from "../../model/machine/layout.ts";
import { writeAtomically } from "../../system/writing/file-changes.ts";

/** Saves the document of an answer; every user may read it. */
export function saveAnswer(layout: Layout, document: string): void {
  writeAtomically(checkFile(layout), `${document}\n`);
}
