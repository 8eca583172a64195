/** What the last `dkms check` says of the next upgrade, for a person at a terminal. */
import { lossWords, type SavedAnswer } from "../../model/check/check.ts";
import { printable } from "../errors.ts";

/** One line when that upgrade would break something, none otherwise. */
export function lastCheckLines(answer: SavedAnswer | undefined): readonly string[] {
  if (answer?.verdict !== "breaks") return [];
  return [printable(`The next upgrade would break something: ${lossWords(answer)} (dkms check, ${answer.time}).`)];
}
