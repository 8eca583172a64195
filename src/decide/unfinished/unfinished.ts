/** Decides in which order a run does what it is asked for and finishes what earlier runs have left unfinished. Pure. */
import type { ErrorCode } from "../../model/errors.ts";
import { sameModule, type Pair } from "../../model/pair.ts";
import { isRemoval, type Unfinished, type JournalCommand } from "../../model/run/journal.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Request, Scope } from "../../model/run/request.ts";

/** The requests of a run that also finishes what has been begun. */
export interface OrderOfRequests {
  /** What persons have begun: newer wishes come after it. */
  readonly before: readonly Request[];
  /** The request at hand, with what has been begun of its own kind. */
  readonly main: Request;
  readonly after: readonly Request[];
}

/** Puts the requests in order. What a person began with a module is forgotten when the request at hand names that module: the newest word counts, unless both take it away. */
export function orderOfRequests(request: Request, { entries, install, remove }: Unfinished): OrderOfRequests {
  const isNamed = ({ module }: Pair): boolean => "module" in request && sameModule(request.module, module);
  const before = entries.flatMap(({ pair, command }) =>
    command === undefined || (isNamed(pair) && !(isRemoval(command) && isRemoval(request.kind)))
      ? []
      : [requestOf(pair, command)],
  );
  const arePending = entries.some(({ command }) => command === undefined);
  const after: Request[] = [];
  if (request.kind !== "transaction-install" && (arePending || !isEmpty(install))) {
    after.push({ kind: "transaction-install", scope: install });
  }
  if (request.kind !== "transaction-remove" && (arePending || !isEmpty(remove))) {
    after.push({ kind: "transaction-remove", scope: remove });
  }
  // Where the pair is where it was to get, the index may still say something else.
  const indexed = entries
    .filter(({ command }) => command !== undefined && command !== "build")
    .map(({ pair }) => pair.kernel);
  if (indexed.length > 0) after.push({ kind: "refresh-index", indexed });
  const isBegun =
    request.kind === "install" && entries.some(({ pair, command }) => command === "install" && isNamed(pair));
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

function requestOf({ module, kernel }: Pair, command: JournalCommand): Request {
  const kernels = { kind: "these", kernels: [kernel] } as const;
  if (command === "build" || command === "install") {
    return { kind: command, module, directory: undefined, kernels, force: false, progress: "begun" };
  }
  return { kind: command, module, kernels, progress: "begun" };
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
