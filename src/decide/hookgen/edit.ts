/** Puts more modules into a hook file that is there. */
import { addTargets } from "../../alpm/hook/edit.ts";
import { printHookFile } from "../../alpm/hook/file.ts";
import { matchesPattern, matchesTargets } from "../../alpm/target-match.ts";
import type { HookChange } from "./change.ts";
import { unusable, type HookInventory, type RecognisedHook } from "./existing.ts";
import { confTarget } from "./names.ts";
import { freshHook, hookCommand, type Style } from "./template.ts";

type Edited = Extract<RecognisedHook, { kind: "edited" }>;

/** The change that makes a hook fire on more modules. `style` is undefined when none was asked for. */
export function mergeModules(found: HookInventory, modules: readonly string[], style?: Style): HookChange {
  const { name, hook } = found;
  switch (hook.kind) {
    case "as-written": {
      const added = modules.filter((module) => !hook.modules.includes(module));
      if (added.length === 0 && (style ?? hook.style) === hook.style) return upToDate(name);
      const text = freshHook(found, [...hook.modules, ...added], style ?? hook.style);
      const what = added.length === 0 ? `now in style ${style}` : `added ${added.join(", ")}`;
      return { kind: "write", text, message: `${name}: ${what}` };
    }
    case "edited":
      return mergeIntoEdited(found, hook, modules, style);
    case "estranged":
    case "masked":
    case "faulty":
      return unusable(hook, found);
  }
}

function mergeIntoEdited(found: HookInventory, edited: Edited, modules: readonly string[], style?: Style): HookChange {
  const { name } = found;
  const { exec, when } = edited.hook.action;
  if (when === "PreTransaction") {
    return refuse("it was edited to run before the transaction, when no module has been built yet");
  }
  if (style !== undefined && exec !== hookCommand(found, style)) {
    return refuse(`its command was edited, so it cannot be turned into style ${style}`);
  }
  const targets = edited.hook.triggers[edited.trigger]?.targets ?? [];
  for (const target of targets) {
    const left = modules.find((module) => target.startsWith("!") && matchesPattern(target.slice(1), module));
    if (left !== undefined) return refuse(`it was edited to leave out ${left} (Target = ${target})`);
  }
  const added = modules.filter((module) => !matchesTargets(targets, module));
  const confTargets = edited.hook.triggers[edited.confTrigger ?? -1]?.targets ?? [];
  const confs = modules.flatMap((module) => confTarget(module) ?? []).filter((conf) => !confTargets.includes(conf));
  const withConfs = edited.confTrigger === undefined ? edited.file : addTargets(edited.file, edited.confTrigger, confs);
  const text = printHookFile(added.length === 0 ? withConfs : addTargets(withConfs, edited.trigger, added));
  if (text === printHookFile(edited.file)) return upToDate(name);
  return { kind: "write", text, message: `${name}: added ${modules.join(", ")}, kept what was edited` };
}

function refuse(reason: string): HookChange {
  return { kind: "refuse", reason, hint: "Change it by hand, or write it anew with --force." };
}

function upToDate(name: string): HookChange {
  return { kind: "keep", message: `${name}: is up to date` };
}
