/** Recognises hook files that `dkms-hookgen` has written, and what a person has made of them since. */
import type { Hook } from "../../alpm/hook/hook.ts";
import { parseHookFile, type HookFile } from "../../alpm/hook/file.ts";
import { lintHook, type HookFinding } from "../../alpm/hook/lint.ts";
import { readHook } from "../../alpm/hook/reading.ts";
import { isPackageName } from "../../model/package-name.ts";
import { headersPackage, hookSubject, styles, type HookSubject, type Style } from "./names.ts";
import { freshHook } from "./template.ts";

/** A change of a file, or why there is none. */
export type HookChange =
  | { readonly kind: "write"; readonly text: string; readonly message: string }
  | { readonly kind: "remove"; readonly message: string }
  | { readonly kind: "keep"; readonly message: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

/** A hook file that is there: its name without directory, and its text. */
export interface ExistingHook {
  readonly name: string;
  readonly text: string;
}

/** What a file of ours is by now. */
export type RecognisedHook =
  /** Byte by byte as we write it for these modules. */
  | { readonly kind: "as-written"; readonly modules: readonly string[]; readonly style: Style }
  /** Changed by a person, and still a hook for this kernel; `trigger` and `confTrigger` count `[Trigger]` sections from 0. */
  | {
      readonly kind: "edited";
      readonly file: HookFile;
      readonly hook: Hook;
      readonly modules: readonly string[];
      readonly trigger: number;
      readonly confTrigger: number | undefined;
    }
  /** A hook in which no trigger names the kernel's package any more. */
  | { readonly kind: "estranged" }
  /** No trigger: somebody switched it off, usually by a link to /dev/null. */
  | { readonly kind: "masked" }
  | { readonly kind: "faulty"; readonly finding: HookFinding };

/** A file of ours with what it is for. */
export interface HookInventory extends HookSubject {
  readonly name: string;
  readonly hook: RecognisedHook;
}

/** The files among those of a directory that carry a name of ours. */
export function recogniseHooks(existing: readonly ExistingHook[]): readonly HookInventory[] {
  return existing.flatMap(({ name, text }) => {
    const subject = hookSubject(name);
    return subject === undefined ? [] : [{ ...subject, name, hook: recognise(subject, text) }];
  });
}

/** The module packages that a file names; none for one that never runs. */
export function hookModules(hook: RecognisedHook): readonly string[] {
  return hook.kind === "as-written" || hook.kind === "edited" ? hook.modules : [];
}

/** Why a file cannot be changed in which nothing of ours is left. */
export function unusable(
  hook: Exclude<RecognisedHook, { kind: "as-written" | "edited" }>,
  { kernel }: HookSubject,
): Extract<HookChange, { kind: "refuse" }> {
  const anew = "write it anew with --force";
  switch (hook.kind) {
    case "estranged":
      return refusal(`it was edited: no trigger of Type = Package names ${kernel} any more`, `Add it, or ${anew}.`);
    case "masked":
      return refusal("it has no trigger: somebody has switched it off", `Delete it, or ${anew}.`);
    case "faulty":
      return refusal(
        `it is faulty: line ${hook.finding.line}, ${hook.finding.what}`,
        `${hook.finding.fix} Or ${anew}.`,
      );
  }
}

function refusal(reason: string, hint: string): Extract<HookChange, { kind: "refuse" }> {
  return { kind: "refuse", reason, hint };
}

function recognise(subject: HookSubject, text: string): RecognisedHook {
  const file = parseHookFile(text);
  const finding = lintHook(file).find(({ severity }) => severity === "error");
  if (finding !== undefined) return { kind: "faulty", finding };
  const reading = readHook(file);
  if (reading.kind !== "hook") return { kind: "masked" };
  const { hook } = reading;
  const { triggers } = hook;
  const trigger = triggers.findIndex(({ type, targets }) => type === "Package" && targets.includes(subject.kernel));
  if (trigger < 0) return { kind: "estranged" };
  const kernels = new Set([subject.kernel, headersPackage(subject.kernel)]);
  const modules = (triggers[trigger]?.targets ?? []).filter((name) => isPackageName(name) && !kernels.has(name));
  const style = styles.find((one) => freshHook(subject, modules, one) === text);
  if (style !== undefined) return { kind: "as-written", modules, style };
  const confs = triggers.findIndex(({ type, targets }) => type === "Path" && targets.some(isConfTarget));
  return { kind: "edited", file, hook, modules, trigger, confTrigger: confs < 0 ? undefined : confs };
}

function isConfTarget(target: string): boolean {
  return /^usr\/src\/.*\/dkms\.conf$/.test(target);
}
