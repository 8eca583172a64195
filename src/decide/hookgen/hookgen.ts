/** Decides which hook files `dkms-hookgen` writes, changes and removes; what a person has edited is kept, or the request is refused. */
import { parseHookFile } from "../../alpm/hook/file.ts";
import { lintHook } from "../../alpm/hook/lint.ts";
import type { HookChange } from "./existing.ts";
import type { HookInventory, ExistingHook } from "./existing.ts";
import { hookModules, recogniseHooks } from "./existing.ts";
import { mergeModules } from "./edit.ts";
import { hookFileName, packageName, type Generator, type HookSubject, type Style } from "./names.ts";
import { freshHook } from "./template.ts";
import { takeOutModules } from "./edit.ts";

/** What `dkms-hookgen` is asked for; modules and kernels are names of packages. */
export type HookgenRequest =
  | {
      readonly kind: "write";
      readonly generator: Generator;
      readonly modules: readonly string[];
      readonly kernels: readonly string[];
      /** Undefined when none was asked for: new files are `exec`, others stay what they are. */
      readonly style: Style | undefined;
      readonly force: boolean;
    }
  | {
      readonly kind: "remove";
      /** Undefined for all generators. */
      readonly generator: Generator | undefined;
      readonly modules: readonly string[];
      /** Empty for all kernels. */
      readonly kernels: readonly string[];
      readonly force: boolean;
    };

/** A file that cannot be done, and why; the others are done all the same. */
interface HookgenRefusal {
  readonly name: string;
  readonly reason: string;
  readonly hint: string;
}

/** What is to be done in the hook directory. A file that stays as it is appears in the messages only. */
export interface HookgenPlan {
  readonly writes: readonly ExistingHook[];
  /** Names of files. */
  readonly removals: readonly string[];
  readonly refusals: readonly HookgenRefusal[];
  readonly messages: readonly string[];
}

/**
 * Decides on a request, given all files of the hook directory that end in `.hook`.
 * The same request on the same files gives the same plan, and nothing is left to do once the plan is carried out. Throws `bad-name` for what is no name of a package.
 */
export function planHooks(request: HookgenRequest, existing: readonly ExistingHook[]): HookgenPlan {
  const modules = [...new Set(request.modules.map(packageName))];
  const kernels = [...new Set(request.kernels.map(packageName))];
  const inventory = recogniseHooks(existing);
  const changes =
    request.kind === "write"
      ? kernels.map((kernel) => writeChange({ generator: request.generator, kernel }, modules, request, inventory))
      : inventory
          .filter(({ kernel }) => kernels.length === 0 || kernels.includes(kernel))
          .filter(({ generator }) => request.generator === undefined || request.generator === generator)
          .map((found): NamedChange => [found.name, takeOutModules(found, modules, request)]);
  const strangers = request.kind === "remove" ? kernelsWithoutHook(kernels, inventory) : [];
  return planOf(changes.map(checked), strangers);
}

type NamedChange = readonly [name: string, change: HookChange];

function writeChange(
  subject: HookSubject,
  modules: readonly string[],
  request: Extract<HookgenRequest, { kind: "write" }>,
  inventory: readonly HookInventory[],
): NamedChange {
  const name = hookFileName(subject);
  const found = inventory.find((one) => one.name === name);
  const { style, force } = request;
  if (found === undefined) {
    return [name, { kind: "write", text: freshHook(subject, modules, style ?? "exec"), message: `${name}: written` }];
  }
  if (!force) return [name, mergeModules(found, modules, style)];
  const all = [...hookModules(found.hook), ...modules];
  const kept = found.hook.kind === "as-written" ? found.hook.style : "exec";
  return [name, { kind: "write", text: freshHook(subject, all, style ?? kept), message: `${name}: written anew` }];
}

/** A last check of what would be written: a faulty hook file stops every transaction. */
function checked([name, change]: NamedChange): NamedChange {
  if (change.kind !== "write") return [name, change];
  const error = lintHook(parseHookFile(change.text)).find(({ severity }) => severity === "error");
  if (error === undefined) return [name, change];
  const reason = `the result would not work: line ${error.line}, ${error.what}`;
  return [name, { kind: "refuse", reason, hint: "Write it anew with --force." }];
}

function kernelsWithoutHook(kernels: readonly string[], inventory: readonly HookInventory[]): readonly string[] {
  return kernels
    .filter((kernel) => inventory.every((found) => found.kernel !== kernel))
    .map((kernel) => `${kernel}: has no hook of dkms-hookgen`);
}

function planOf(changes: readonly NamedChange[], messages: readonly string[]): HookgenPlan {
  return {
    writes: changes.flatMap(([name, change]) => (change.kind === "write" ? [{ name, text: change.text }] : [])),
    removals: changes.flatMap(([name, change]) => (change.kind === "remove" ? [name] : [])),
    refusals: changes.flatMap(([name, change]) =>
      change.kind === "refuse" ? [{ name, reason: change.reason, hint: change.hint }] : [],
    ),
    messages: [...changes.flatMap(([, change]) => (change.kind === "refuse" ? [] : [change.message])), ...messages],
  };
}
