/** What has been begun and not ended: runs that were killed leave it behind, and the next run of any kind finishes it. */
import type { ErrorCode } from "../errors.ts";
import { nameFault, type Arch, type ModuleName, type ModuleVersion, type Release } from "../names.ts";
import { moduleText, pairKey, sameModule, type Pair } from "../pair.ts";
import { stepPair, type Plan } from "./plan.ts";
import type { Request, Scope } from "./request.ts";

/** What a person wanted to become of a pair. Of what hooks have begun the machine itself tells what is to become. */
type Aim = (typeof aims)[number];
const aims = ["build", "install", "uninstall", "unbuild", "remove"] as const;

/** A line of the journal: `M/V/K/A`, and behind a blank the aim where there is one. */
export interface JournalEntry {
  readonly pair: Pair;
  readonly aim: Aim | undefined;
}

/** The journal, and the targets of hooks that have not come to their end. */
export interface Begun {
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

/** The requests of a run that also finishes what has been begun. */
export interface Agenda {
  /** What persons have begun: newer wishes come after it. */
  readonly before: readonly Request[];
  /** The request at hand, with what has been begun of its own kind. */
  readonly main: Request;
  readonly after: readonly Request[];
}

/** Makes the agenda. What a person began with a module is forgotten when the request at hand names that module: the newest word counts, unless both take it away. */
export function agendaOf(request: Request, { entries, install, remove }: Begun): Agenda {
  const isNamed = ({ module }: Pair): boolean => "module" in request && sameModule(request.module, module);
  const before = entries.flatMap(({ pair, aim }) =>
    aim === undefined || (isNamed(pair) && !(isRemoval(aim) && isRemoval(request.kind))) ? [] : [aimRequest(pair, aim)],
  );
  const arePending = entries.some(({ aim }) => aim === undefined);
  const after: Request[] = [];
  if (request.kind !== "transaction-install" && (arePending || !isEmpty(install))) {
    after.push({ kind: "transaction-install", scope: install });
  }
  if (request.kind !== "transaction-remove" && (arePending || !isEmpty(remove))) {
    after.push({ kind: "transaction-remove", scope: remove });
  }
  // Where the pair is where it was to get, the index may still say something else.
  const indexed = entries.filter(({ aim }) => aim !== undefined && aim !== "build").map(({ pair }) => pair.kernel);
  if (indexed.length > 0) after.push({ kind: "refresh-index", indexed });
  const isBegun = request.kind === "install" && entries.some(({ pair, aim }) => aim === "install" && isNamed(pair));
  const main: Request = isBegun ? { ...request, progress: "begun" } : withScope(request, install, remove);
  return { before, main, after };
}

/** A plan that finishes something, without the findings that there is nothing left to do: nobody asked. */
export function withoutIdleFindings(plan: Plan): Plan {
  return { ...plan, findings: plan.findings.filter(({ error }) => !idleCodes.has(error.code)) };
}

const idleCodes: ReadonlySet<ErrorCode> = new Set(["already-there", "not-there", "module-not-added"]);

function withScope(request: Request, install: Scope, remove: Scope): Request {
  switch (request.kind) {
    case "transaction-install":
      return { ...request, scope: union(request.scope, install) };
    case "transaction-remove":
      return { ...request, scope: union(request.scope, remove) };
    default:
      return request;
  }
}

function aimRequest({ module, kernel }: Pair, aim: Aim): Request {
  const kernels = { kind: "these", kernels: [kernel] } as const;
  if (aim === "build" || aim === "install") {
    return { kind: aim, module, directory: undefined, kernels, force: false, progress: "begun" };
  }
  return { kind: aim, module, kernels, progress: "begun" };
}

/** Whether a request, or the aim of an entry, takes something away. */
export function isRemoval(kind: string): boolean {
  return kind === "uninstall" || kind === "unbuild" || kind === "remove";
}

function isEmpty({ releases, sourceDirectories }: Scope): boolean {
  return releases.size + sourceDirectories.size === 0;
}

function union(a: Scope, b: Scope): Scope {
  return {
    releases: new Set([...a.releases, ...b.releases]),
    sourceDirectories: new Set([...a.sourceDirectories, ...b.sourceDirectories]),
  };
}
