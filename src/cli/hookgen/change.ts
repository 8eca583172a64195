/** Writes and removes hook files for `dkms-hookgen`, or prints what it would write. */
import { join } from "node:path";
import { changeHookFiles } from "../../act/hookgen/change-hooks.ts";
import { planHooks, type HookgenPlan, type HookgenRequest } from "../../decide/hookgen/hookgen.ts";
import { generators, hookSubject, onlyGenerator } from "../../decide/hookgen/names.ts";
import { stockHookName } from "../../decide/initramfs/initramfs.ts";
import { readEffectiveHook, readHookFiles } from "../../observe/pacman/hook-files.ts";
import { isRoot } from "../../system/environment.ts";
import { hasCode } from "../../system/files/errors.ts";
import { write, writeLine } from "../../system/output.ts";
import { findProgram } from "../../system/process/processes.ts";
import { printable } from "../../tell/errors.ts";
import type { HookgenArguments } from "./options.ts";
import { existingHooks } from "./files.ts";

type Change = Extract<HookgenArguments, { kind: "write" | "remove" }>;

/** Prints new hooks, whatever is there already. */
export function printHooks(given: Extract<Change, { kind: "write" }>): number {
  const { writes } = planHooks(requestOf(given), []);
  printTexts(writes);
  return 0;
}

/** Changes the files of a directory; returns 1 when one of them was refused. The others are changed all the same. */
export function changeHooks(given: Change, directories: readonly string[]): number {
  const directory = directories.at(-1) ?? "";
  const plan = planHooks(requestOf(given), existingHooks(readHookFiles(directory)));
  const result = given.to === "files" ? carryOut(plan, directory) : plan;
  if (given.to === "stdout") printTexts(plan.writes);
  tell(given, directory, result);
  if (given.kind === "write" && !given.quiet && !given.json) tellOfStockHook(plan, directories);
  return result.refusals.length === 0 ? 0 : 1;
}

const tryAgain = "Run the same command again when that is fixed; what is done already stays as it is.";

/** Writes and removes; a file that cannot be done joins those that were refused. */
function carryOut(plan: HookgenPlan, directory: string): HookgenPlan {
  const errors = changeHookFiles(plan, directory);
  const failed = [...errors].map(([name, { message, cause }]) => ({
    name,
    reason: message.replace(/\.$/, ""),
    hint: hasCode(cause, "EACCES", "EPERM") && !isRoot() ? "Run the command with sudo." : tryAgain,
  }));
  const refusals = [...plan.refusals, ...failed];
  const isDone = (name: string): boolean => refusals.every((refusal) => refusal.name !== name);
  return {
    writes: plan.writes.filter(({ name }) => isDone(name)),
    removals: plan.removals.filter(isDone),
    refusals,
    messages: plan.messages.filter((message) => isDone(message.slice(0, message.indexOf(": ")))),
  };
}

function requestOf(given: Change): HookgenRequest {
  const { modules, kernels } = given;
  const force = given.force;
  if (given.kind === "remove") return { kind: "remove", generator: given.generator, modules, kernels, force };
  const generator = given.generator ?? onlyGenerator(generators.filter((name) => findProgram(name) !== undefined));
  if (given.verbose) writeLine("err", `==> Generator: ${generator}`);
  return { kind: "write", generator, modules, kernels, style: given.style, force };
}

/** mkinitcpio's own hook fires on dkms.conf since version 37: then ours is needed only for what that does not see. */
function tellOfStockHook({ writes }: HookgenPlan, directories: readonly string[]): void {
  if (!writes.some(({ name }) => hookSubject(name)?.generator === "mkinitcpio")) return;
  const stock = readEffectiveHook(stockHookName("mkinitcpio"), directories);
  if (stock?.content.kind !== "text" || !/^\s*Target\s*=\s*usr\/src\/\*\/dkms\.conf\s*$/m.test(stock.content.text))
    return;
  writeLine(
    "err",
    `  -> mkinitcpio's own hook, ${stock.name}, already writes the images when a kernel or a dkms.conf changes.`,
  );
  writeLine("err", "  -> This hook is needed only for what that one does not see, such as headers that come alone.");
}

/** With several files each has its name above it. */
function printTexts(writes: HookgenPlan["writes"]): void {
  for (const [index, { name, text }] of writes.entries()) {
    if (writes.length > 1) write("out", `${index === 0 ? "" : "\n"}# ${name}\n`);
    write("out", text);
  }
}

function tell(given: Change, directory: string, { writes, removals, refusals, messages }: HookgenPlan): void {
  if (given.json) {
    const names = writes.map(({ name }) => name);
    writeLine(
      "out",
      JSON.stringify({ format: 1, directory, written: names, removed: removals, refused: refusals }, undefined, 2),
    );
    return;
  }
  for (const { name, reason, hint } of refusals) {
    writeLine("err", `==> ERROR: ${printable(`${join(directory, name)} is left as it is: ${reason}.`)}`);
    writeLine("err", `  -> ${hint}`);
  }
  if (given.quiet || messages.length === 0) return;
  writeLine("err", `==> ${given.to === "files" ? "In" : "This would become of"} ${directory}:`);
  for (const message of messages) writeLine("err", `  -> ${printable(message)}`);
}
