/** Takes modules out of a hook file; a hook that is for no module any more is removed. */
import { removeTargets } from "../../alpm/hook/edit.ts";
import { printHookFile } from "../../alpm/hook/file.ts";
import type { HookChange } from "./change.ts";
import { unusable, type HookInventory, type RecognisedHook } from "./existing.ts";
import { confTarget } from "./names.ts";
import { freshHook } from "./template.ts";

type Edited = Extract<RecognisedHook, { kind: "edited" }>;

/** The change that makes a hook not fire on some modules. With `force` a file that cannot be changed is removed. */
export function takeOutModules(found: HookInventory, modules: readonly string[], force: "yes" | "no"): HookChange {
  const { name, hook } = found;
  if (hook.kind !== "as-written" && hook.kind !== "edited") {
    return force === "yes" ? { kind: "remove", message: `${name}: removed` } : unusable(hook, found);
  }
  const gone = hook.modules.filter((module) => modules.includes(module));
  if (gone.length === 0) return { kind: "keep", message: `${name}: does not name ${modules.join(", ")}` };
  const left = hook.modules.filter((module) => !gone.includes(module));
  const message = `${name}: took out ${gone.join(", ")}`;
  if (left.length === 0) {
    if (hook.kind === "as-written" || force === "yes") return { kind: "remove", message: `${name}: removed` };
    const reason = `it would be for no module any more, and it was edited by hand`;
    return { kind: "refuse", reason, hint: "Delete it, or remove it with --force." };
  }
  const text = hook.kind === "as-written" ? freshHook(found, left, hook.style) : withoutModules(hook, gone, left);
  return { kind: "write", text, message };
}

function withoutModules(edited: Edited, gone: readonly string[], left: readonly string[]): string {
  const without = removeTargets(edited.file, edited.trigger, new Set(gone));
  if (edited.confTrigger === undefined) return printHookFile(without);
  const needed = new Set(left.map(confTarget));
  const confs = gone.flatMap((module) => confTarget(module) ?? []).filter((conf) => !needed.has(conf));
  const paths = edited.hook.triggers[edited.confTrigger]?.targets ?? [];
  // A trigger without any target would stop pacman: its last one stays, and fires for nothing.
  if (paths.every((path) => confs.includes(path))) return printHookFile(without);
  return printHookFile(removeTargets(without, edited.confTrigger, new Set(confs)));
}
