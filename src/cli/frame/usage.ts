/** Errors for command lines that cannot be understood: the same sentences in every program. */
import { DkmsError } from "../../model/errors.ts";
import { didYouMean } from "../../tell/nearest.ts";
import type { Option } from "./option-table.ts";

/** The error for a command line that cannot be understood; the frame of the program adds where its help is. */
export function usageError(message: string): DkmsError {
  return new DkmsError("usage", message);
}

/** An option that no row of the table names; `word` as it was typed. */
export function unknownOption(word: string, options: readonly Option[]): DkmsError {
  const typed = word.replace(/=.*/s, "");
  const names = options.filter(({ hidden }) => !hidden).map(({ name }) => optionName(name));
  return suggesting(`Unknown option: ${word}`, typed.startsWith("--") ? didYouMean(typed, names) : undefined);
}

/** A command that the program does not have. */
export function unknownCommand(word: string, names: readonly string[]): DkmsError {
  return suggesting(`Unknown command: ${word}`, didYouMean(word, names));
}

/** An option that stands at the end, or before another one. */
export function missingValue(name: string, options: readonly Option[]): DkmsError {
  const exitCode = options.find((option) => option.name === name)?.missingExit;
  const facts = exitCode === undefined ? {} : { exitCode };
  return new DkmsError("usage", `Option ${optionName(name)} needs a value.`, facts);
}

/** `--name`, or `-n` for a name of one letter. */
export function optionName(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function suggesting(message: string, hint: string | undefined): DkmsError {
  return new DkmsError("usage", message, hint === undefined ? {} : { hint });
}
