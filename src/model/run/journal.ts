/** The journal: what runs that were killed have left unfinished, for the next run of any kind to finish. */
import { nameFault, type Arch, type ModuleName, type ModuleVersion, type Release } from "../names.ts";
import { moduleText, pairKey, type Pair } from "../pair.ts";
import { stepPair, type Plan } from "./plan.ts";
import type { Request, Scope } from "./request.ts";

/** What a person wanted to become of a pair. Of what hooks have begun the machine itself tells what is to become. */
export type Aim = (typeof aims)[number];
const aims = ["build", "install", "uninstall", "unbuild", "remove"] as const;

/** A line of the journal: `M/V/K/A`, and behind a blank the aim where there is one. */
export interface JournalEntry {
  readonly pair: Pair;
  readonly aim: Aim | undefined;
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
    const aim = aims.find((known) => known === word);
    if (parts.length !== 4 || parts.some((part) => nameFault(part) !== undefined) || aim !== word) return [];
    const [name = "", version = "", release = "", arch = ""] = parts;
    const module = { name: name as ModuleName, version: version as ModuleVersion };
    return [{ pair: { module, kernel: { release: release as Release, arch: arch as Arch } }, aim }];
  });
}

/** The line of an entry. */
export function journalLine({ pair, aim }: JournalEntry): string {
  return aim === undefined ? pairKey(pair) : `${pairKey(pair)} ${aim}`;
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
    const aim = removed.has(moduleText(pair.module)) ? "remove" : aims.find((known) => known === step.kind);
    // The last step of a pair says where it is to get.
    entries.set(pairKey(pair), { pair, aim: isHook ? undefined : aim });
  }
  return [...entries.values()];
}

/** Whether a request, or the aim of an entry, takes something away. */
export function isRemoval(kind: string): boolean {
  return kind === "uninstall" || kind === "unbuild" || kind === "remove";
}
