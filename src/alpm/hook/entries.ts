/** Takes the entries of a hook file one by one, as pacman does, into drafts of triggers and of the action. */
import { hookPhases, operations, type Action, type Operation, type Trigger, type TriggerType } from "./hook.ts";
import type { HookFault } from "./fault.ts";
import { wordsplit } from "../wordsplit.ts";

/** What is wrong with one entry. */
export type EntryFault = Pick<HookFault, "code" | "effect">;

/** A trigger that is being read. */
export interface TriggerDraft {
  /** The line of its section. */
  readonly line: number;
  readonly operations: Set<Operation>;
  /** A target without value is fatal as soon as pacman matches it. */
  readonly targets: { readonly text: string | undefined; readonly line: number }[];
  type?: TriggerType;
}

/** The action that is being read; `-readonly` over `Action`, and nothing is there yet. */
export interface ActionDraft {
  description?: string;
  when?: Action["when"];
  exec?: string;
  readonly depends: string[];
  abortOnFail: boolean;
  needsTargets: boolean;
}

const badValue: EntryFault = { code: "bad-value", effect: "refuses" };
const unknownKey: EntryFault = { code: "unknown-key", effect: "refuses" };
/** pacman compares the value that is not there. */
const noValue: EntryFault = { code: "no-value", effect: "crashes" };

/** Puts an entry of a `[Trigger]` into its draft. */
export function takeTriggerEntry(
  draft: TriggerDraft,
  line: number,
  key: string,
  value?: string,
): EntryFault | undefined {
  switch (key) {
    case "Operation": {
      if (value === undefined) return noValue;
      const operation = operations.find((one) => one === value);
      if (operation === undefined) return badValue;
      draft.operations.add(operation);
      return undefined;
    }
    case "Type":
      if (value === undefined) return noValue;
      if (value !== "Package" && value !== "Path" && value !== "File") return badValue;
      draft.type = value === "Package" ? "Package" : "Path";
      return undefined;
    case "Target":
      draft.targets.push({ text: value, line });
      return undefined;
    default:
      return unknownKey;
  }
}

/** Puts an entry of `[Action]` into the draft. */
export function takeActionEntry(draft: ActionDraft, key: string, value?: string): EntryFault | undefined {
  switch (key) {
    case "Description":
      if (value === undefined) delete draft.description;
      else draft.description = value;
      return undefined;
    case "When": {
      if (value === undefined) return noValue;
      const phase = hookPhases.find((one) => one === value);
      if (phase === undefined) return badValue;
      draft.when = phase;
      return undefined;
    }
    case "Exec":
      if (value === undefined) return { code: "no-command", effect: "refuses" };
      if (wordsplit(value).kind === "unbalanced") return { code: "unbalanced-quote", effect: "refuses" };
      draft.exec = value;
      return undefined;
    case "Depends":
      // Without a value it is a dependency that nothing satisfies, as the empty text is.
      draft.depends.push(value ?? "");
      return undefined;
    case "AbortOnFail":
      draft.abortOnFail = true;
      return undefined;
    case "NeedsTargets":
      draft.needsTargets = true;
      return undefined;
    default:
      return unknownKey;
  }
}

/** The trigger of a draft that has a type. */
export function finishTrigger(draft: TriggerDraft): Trigger | undefined {
  if (draft.type === undefined) return undefined;
  return {
    operations: operations.filter((one) => draft.operations.has(one)),
    type: draft.type,
    targets: draft.targets.flatMap(({ text }) => (text === undefined ? [] : [text])),
  };
}
