/** Puts modules into a hook file that is there, and takes modules out; a hook that is for no module any more is removed. */
import { addTargets, removeTargets } from "../../alpm/hook/edit.ts";
import { printHookFile } from "../../alpm/hook/file.ts";
import { matchesPattern, matchesTargets } from "../../alpm/target-match.ts";
import { unusable, type HookChange, type HookInventory, type RecognisedHook } from "./existing.ts";
import { confTarget, type Style } from "./names.ts";
import { freshHook, hookCommand } from "./template.ts";

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

/** The change that makes a hook not fire on some modules. With `force` a file that cannot be changed is removed. */
export function takeOutModules(
  found: HookInventory,
  modules: readonly string[],
  { force }: { readonly force: boolean },
): HookChange {
  const { name, hook } = found;
  if (hook.kind !== "as-written" && hook.kind !== "edited") {
    return force ? { kind: "remove", message: `${name}: removed` } : unusable(hook, found);
  }
  const removed = hook.modules.filter((module) => modules.includes(module));
  if (removed.length === 0) return { kind: "keep", message: `${name}: does not name ${modules.join(", ")}` };
  const left = hook.modules.filter((module) => !removed.includes(module));
  const message = `${name}: took out ${removed.join(", ")}`;
  if (left.length === 0) {
    if (hook.kind === "as-written" || force) return { kind: "remove", message: `${name}: removed` };
    const reason = `it would be for no module any more, and it was edited by hand`;
    return { kind: "refuse", reason, hint: "Delete it, or remove it with --force." };
  }
  const text = hook.kind === "as-written" ? freshHook(found, left, hook.style) : withoutModules(hook, removed, left);
  return { kind: "write", text, message };
}

function withoutModules(edited: Edited, removed: readonly string[], left: readonly string[]): string {
  const without = removeTargets(edited.file, edited.trigger, new Set(removed));
  if (edited.confTrigger === undefined) return printHookFile(without);
  const needed = new Set(left.map(confTarget));
  const confs = removed.flatMap((module) => confTarget(module) ?? []).filter((conf) => !needed.has(conf));
  const paths = edited.hook.triggers[edited.confTrigger]?.targets ?? [];
  // A trigger without any target would stop pacman: its last one stays, and fires for nothing.
  if (paths.every((path) => confs.includes(path))) return printHookFile(without);
  return printHookFile(removeTargets(without, edited.confTrigger, new Set(confs)));
}
