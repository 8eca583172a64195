/** Writes a hook as a file; what it writes is read back as the same hook. */
import { DkmsError } from "../../model/errors.ts";
import type { Hook } from "./hook.ts";
import { longestLine } from "./file.ts";
import { trimBlanks } from "../wordsplit.ts";

/**
 * The text of a hook file, after comment lines (given without `#`). The same hook gives the same bytes.
 * Throws `conf-invalid` for a value that a hook file cannot hold: with a line feed, a NUL or blanks at its ends, or too long for pacman.
 */
export function printHook(hook: Hook, comments: readonly string[] = []): string {
  const { description, when, exec, depends, abortOnFail, needsTargets } = hook.action;
  const blocks = hook.triggers.map(({ operations, type, targets }) => [
    "[Trigger]",
    ...operations.map((operation) => `Operation = ${operation}`),
    `Type = ${type}`,
    ...targets.map((target) => entry("Target", target)),
  ]);
  blocks.push([
    "[Action]",
    ...(description === undefined ? [] : [entry("Description", description)]),
    `When = ${when}`,
    entry("Exec", exec),
    ...depends.map((dependency) => entry("Depends", dependency)),
    ...(abortOnFail ? ["AbortOnFail"] : []),
    ...(needsTargets ? ["NeedsTargets"] : []),
  ]);
  if (comments.length > 0) blocks.unshift(comments.map((comment) => trimBlanks(`# ${checked(comment)}`)));
  return blocks.map((block) => `${block.join("\n")}\n`).join("\n");
}

function entry(key: string, value: string): string {
  if (trimBlanks(value) !== value) {
    throw new DkmsError(
      "conf-invalid",
      `A hook file cannot hold blanks at the ends of a value: ${JSON.stringify(value)}`,
    );
  }
  return checked(value === "" ? `${key} =` : `${key} = ${value}`);
}

function checked(line: string): string {
  if (/[\n\0]/.test(line) || Buffer.byteLength(line) >= longestLine) {
    throw new DkmsError("conf-invalid", `A hook file cannot hold this line: ${JSON.stringify(line.slice(0, 80))}`);
  }
  return line;
}
