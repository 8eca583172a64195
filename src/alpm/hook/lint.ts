/** Finds what is wrong with a hook file: what stops pacman, and what pacman takes without a word although it cannot be meant. */
import { type Effect, type FaultCode, type HookFault, pacmanMessage } from "./fault.ts";
import type { HookFile } from "./file.ts";
import { readHook } from "./reading.ts";
import { findSurprises, type Surprise, type SurpriseCode } from "./surprises.ts";

/** One finding. */
export interface HookFinding extends Omit<Surprise, "code" | "pacman"> {
  readonly code: FaultCode | SurpriseCode;
  /** What pacman does with the file because of it. */
  readonly pacman: Effect | "accepts";
}

/** All findings of a file, in the order of its lines. */
export function lintHook(file: HookFile): readonly HookFinding[] {
  const reading = readHook(file);
  const faults = reading.kind === "faulty" ? reading.faults.map(faultFinding) : [];
  return [...faults, ...findSurprises(file)].toSorted((a, b) => a.line - b.line);
}

const refusal =
  "pacman reads every hook before each transaction and refuses all of them, also those that have nothing to do with it";
const crash =
  "pacman ends by a segmentation fault, in a transaction that matches after the files have changed, and leaves its lock behind";

function faultFinding(fault: HookFault): HookFinding {
  const { line, code, effect } = fault;
  const { what, fix } = explain(fault);
  const message = pacmanMessage(fault, "FILE");
  const why = effect === "crashes" ? crash : `${refusal} (${message ?? ""})`;
  return { line, severity: "error", code, pacman: effect, what, why, fix };
}

function explain(fault: HookFault): Pick<HookFinding, "what" | "fix"> {
  const { key = "", value } = fault;
  switch (fault.code) {
    case "key-before-section":
      return { what: `${quoted(key)} stands before any section`, fix: "Put it below [Trigger] or [Action]." };
    case "unknown-section":
      return {
        what: `${quoted(`[${value ?? ""}]`)} is no section of a hook`,
        fix: "Only [Trigger] and [Action] exist, in this spelling.",
      };
    case "unknown-key":
      return { what: `${quoted(key)} is no option of this section`, fix: fixKey(key) };
    case "bad-value":
      return { what: `${quoted(value ?? "")} is no value of ${key}`, fix: fixValue(key, value ?? "") };
    case "no-value":
      return { what: `${key} has no value`, fix: `Write ${key} = VALUE, or take the line out.` };
    case "no-command":
      return { what: "Exec has no command", fix: "Write Exec = /path/of/the/program." };
    case "unbalanced-quote":
      return {
        what: "Exec has a quote that nothing closes",
        fix: `Close it, or write \\' or \\" for a quote that is meant.`,
      };
    case "missing-target":
      return { what: "the trigger has no Target", fix: "Add at least one Target line." };
    case "missing-type":
      return { what: "the trigger has no Type", fix: "Add Type = Path or Type = Package." };
    case "missing-operation":
      return { what: "the trigger has no Operation", fix: "Add Operation = Install, Upgrade or Remove, one a line." };
    case "missing-exec":
      return { what: "the hook has no Exec", fix: "Add Exec = /path/of/the/program below [Action]." };
    case "missing-when":
      return {
        what: "the hook has no When",
        fix: "Add When = PreTransaction or When = PostTransaction below [Action].",
      };
  }
}

const spellings = [
  "Operation",
  "Type",
  "Target",
  "Description",
  "When",
  "Exec",
  "Depends",
  "AbortOnFail",
  "NeedsTargets",
];

function fixKey(key: string): string {
  if (key.startsWith(";")) return "A comment begins with #.";
  const meant = spellings.find((one) => one.toLowerCase() === key.toLowerCase());
  if (meant === undefined)
    return `[Trigger] takes ${spellings.slice(0, 3).join(", ")}; [Action] takes ${spellings.slice(3).join(", ")}.`;
  return meant === key ? `${key} belongs in the other section.` : `Write ${meant}.`;
}

const valuesOf: ReadonlyMap<string, string> = new Map([
  ["Operation", "Install, Upgrade or Remove, one a line"],
  ["Type", "Path or Package"],
  ["When", "PreTransaction or PostTransaction"],
]);

function fixValue(key: string, value: string): string {
  if (/\s#/.test(value)) return "A comment needs a line of its own: take it out of this one.";
  return `Write ${valuesOf.get(key) ?? "another value"}, in this spelling.`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
