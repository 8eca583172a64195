/** The journal: what runs that were killed have left unfinished, for the next run of any kind to finish. */
import { nameFault, type Arch, type ModuleName, type ModuleVersion, type Release } from "../names.ts";
import { moduleText, pairKey, type Pair } from "../pair.ts";
import { stepPair, type Plan } from "./plan.ts";
import type { Request, Scope } from "./request.ts";

/** The command that a person gave for a pair. For what hooks have begun there is none: the machine itself tells what to do. */
export type JournalCommand = (typeof commands)[number];
const commands = ["build", "install", "uninstall", "unbuild", "remove"] as const;

/** A line of the journal: `M/V/K/A`, and after a space the command where there is one. */
export interface JournalEntry {
  readonly pair: Pair;
  readonly command: JournalCommand | undefined;
}

/** The journal, and the targets of hooks that have not come to their end. */
export interface Unfinished {
  readonly entries: readonly JournalEntry[];
  readonly install: Scope;
  readonly remove: Scope;
}

/** Parses the journal's text; lines that are none of it are passed over. */
export function parseJournal(text: string): readonly JournalEntry[] {
  return text.split("\n").flatMap((line): JournalEntry[] => {
    const [key = "", word] = line.split(" ");
    const parts = key.split("/");
    const command = commands.find((known) => known === word);
    if (parts.length !== 4 || parts.some((part) => nameFault(part) !== undefined) || command !== word) return [];
    const [name = "", version = "", release = "", arch = ""] = parts;
    const module = { name: name as ModuleName, version: version as ModuleVersion };
    return [{ pair: { module, kernel: { release: release as Release, arch: arch as Arch } }, command }];
  });
}

/** The line of an entry. */
export function journalLine({ pair, command }: JournalEntry): string {
  return command === undefined ? pairKey(pair) : `${pairKey(pair)} ${command}`;
}

/** The entries of a plan that is about to be carried out: every pair once. */
export function journalEntries(
  request: { readonly kind: Request["kind"] | "prune" },
  plan: Plan,
): readonly JournalEntry[] {
  const isHook = request.kind === "transaction-install" || request.kind === "transaction-remove";
  const removed = new Set(
    plan.steps.flatMap(({ step }) => (step.kind === "deregister" ? moduleText(step.module) : [])),
  );
  const entries = new Map<string, JournalEntry>();
  for (const { step } of plan.steps) {
    const pair = stepPair(step);
    if (pair === undefined) continue;
    const command = removed.has(moduleText(pair.module)) ? "remove" : commands.find((known) => known === step.kind);
    // The last step of a pair says where it is to get.
    entries.set(pairKey(pair), { pair, command: isHook ? undefined : command });
  }
  return [...entries.values()];
}

/** Whether a request, or the command of an entry, takes something away. */
export function isRemoval(kind: string): boolean {
  return kind === "uninstall" || kind === "unbuild" || kind === "remove";
}
