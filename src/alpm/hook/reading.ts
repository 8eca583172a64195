/** Reads what a hook file means to pacman: a hook, a mask, or why pacman refuses or dies. */
import type { Hook } from "./hook.ts";
import { finishTrigger, takeActionEntry, takeTriggerEntry, type ActionDraft, type TriggerDraft } from "./entries.ts";
import type { HookFault } from "./fault.ts";
import type { HookFile, HookLine } from "./file.ts";

/** How pacman reads a file. */
export type HookReading =
  | { readonly kind: "hook"; readonly hook: Hook }
  /** No trigger: never runs, and masks the hook of the same name in an earlier directory. */
  | { readonly kind: "mask" }
  /** The first fault is the one that pacman meets; the others come to light when it is fixed. */
  | { readonly kind: "faulty"; readonly faults: readonly [HookFault, ...HookFault[]] };

/** Reads a hook file as pacman does, but goes on after a fault. See alpm-hooks(5). */
export function readHook(file: HookFile): HookReading {
  const triggers: TriggerDraft[] = [];
  const action: ActionDraft = { depends: [], abortOnFail: false, needsTargets: false };
  const read = file.lines.flatMap((line) => takeLine(line, triggers, action) ?? []);
  const missing =
    triggers.length === 0 ? [] : [...triggers.flatMap(missingInTrigger), ...missingInAction(file, action)];
  // pacman validates what it has read, and matches what is valid: in this order it meets the faults.
  const [first, ...others] = [...read, ...missing, ...triggers.flatMap(targetsWithoutValue)];
  if (first !== undefined) return { kind: "faulty", faults: [first, ...others] };
  const { exec, when, ...rest } = action;
  if (triggers.length === 0 || exec === undefined || when === undefined) return { kind: "mask" };
  const wholeTriggers = triggers.flatMap((draft) => finishTrigger(draft) ?? []);
  return { kind: "hook", hook: { triggers: wholeTriggers, action: { exec, when, ...rest } } };
}

function takeLine(line: HookLine, triggers: TriggerDraft[], action: ActionDraft): HookFault | undefined {
  const { number, meaning } = line;
  if (meaning.kind === "nothing") return undefined;
  if (meaning.kind === "section") {
    if (meaning.name === "Trigger") triggers.push({ line: number, operations: new Set(), targets: [] });
    if (meaning.name === "Trigger" || meaning.name === "Action") return undefined;
    return { line: number, code: "unknown-section", effect: "refuses", value: meaning.name };
  }
  const { section, key, value } = meaning;
  if (section === undefined) return { line: number, code: "key-before-section", effect: "refuses", key };
  const trigger = triggers.at(-1);
  const fault =
    section === "Action"
      ? takeActionEntry(action, key, value)
      : section === "Trigger" && trigger !== undefined
        ? takeTriggerEntry(trigger, number, key, value)
        : undefined;
  return fault === undefined ? undefined : { line: number, key, ...(value === undefined ? {} : { value }), ...fault };
}

function missingInTrigger({ line, operations, targets, type }: TriggerDraft): readonly HookFault[] {
  const missing: HookFault[] = [];
  if (targets.length === 0) missing.push({ line, code: "missing-target", effect: "refuses" });
  if (type === undefined) missing.push({ line, code: "missing-type", effect: "refuses" });
  if (operations.size === 0) missing.push({ line, code: "missing-operation", effect: "refuses" });
  return missing;
}

function missingInAction(file: HookFile, { exec, when }: ActionDraft): readonly HookFault[] {
  const section = file.lines.find(({ meaning }) => meaning.kind === "section" && meaning.name === "Action");
  const line = section?.number ?? 1;
  const missing: HookFault[] = [];
  if (exec === undefined) missing.push({ line, code: "missing-exec", effect: "refuses" });
  if (when === undefined) missing.push({ line, code: "missing-when", effect: "refuses" });
  return missing;
}

function targetsWithoutValue({ targets }: TriggerDraft): readonly HookFault[] {
  return targets.flatMap(({ text, line }) =>
    text === undefined ? [{ line, code: "no-value", effect: "crashes", key: "Target" } as const] : [],
  );
}
