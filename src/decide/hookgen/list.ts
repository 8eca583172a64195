/** What the hooks of `dkms-hookgen` are for: its `--list`, and which module packages this machine needs to boot. */
import { compareHookNames } from "../../alpm/hook/directories.ts";
import { hookModules, recogniseHooks, type ExistingHook, type RecognisedHook } from "./existing.ts";
import type { HookSubject } from "./names.ts";

/** One file of ours. */
export interface ListedHook extends HookSubject {
  readonly name: string;
  /** Names of packages. */
  readonly modules: readonly string[];
  /** What it is by now, in words: `as written (exec)`, `edited`, `switched off`, `faulty: line 3, ...`. */
  readonly state: string;
}

/** The hooks of ours among the files of a directory, in the order in which pacman runs them. */
export function listHooks(existing: readonly ExistingHook[]): readonly ListedHook[] {
  return recogniseHooks(existing)
    .map(({ name, generator, kernel, hook }) => ({
      name,
      generator,
      kernel,
      modules: hookModules(hook),
      state: stateInWords(hook),
    }))
    .toSorted((a, b) => compareHookNames(a.name, b.name));
}

function stateInWords(hook: RecognisedHook): string {
  switch (hook.kind) {
    case "as-written":
      return `as written (${hook.style})`;
    case "edited":
      return "edited";
    case "estranged":
      return "edited: no trigger names the kernel any more";
    case "masked":
      return "switched off";
    case "faulty":
      return `faulty: line ${hook.finding.line}, ${hook.finding.what}`;
  }
}
