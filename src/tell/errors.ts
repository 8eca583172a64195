/** Words for errors: what failed, why, where the log is, what to do. */
import type { DkmsError } from "../model/errors.ts";

/** The lines of an error, the first one the sentence; the caller puts its mark in front of that. */
export function errorLines(error: DkmsError): readonly string[] {
  const { facts } = error;
  const lines = [error.message];
  for (const line of facts.excerpt ?? []) lines.push(`    ${line}`);
  if (facts.log !== undefined) lines.push(`The log is ${facts.log}`);
  if (facts.hint !== undefined) lines.push(facts.hint);
  return lines.map(printable);
}

/**
 * Text from files, packages and tools may hold control characters that would move the cursor or change the terminal's colours, or turn the direction in which
 * a line is read: they become `?`.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");
}
