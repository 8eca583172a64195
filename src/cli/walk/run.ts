/** The walk through the four layers: observe the world, decide on a plan, act on it, tell what became of it. */
import { clearStaleBuilds } from "../../act/compile/workspace.ts";
import { rememberLeftOut } from "../../act/left-out.ts";
import type { ActContext } from "../../act/context.ts";
import { closeJournal, openJournal } from "../../act/journal.ts";
import { explain } from "../../decide/hints/rules.ts";
import { lostPairs } from "../../decide/plan/lost-pairs.ts";
import { decide } from "../../decide/plan/plan.ts";
import type { DkmsError } from "../../model/errors.ts";
import type { Event, Outcome } from "../../model/run/outcome.ts";
import { orderOfRequests, withoutIdleFindings } from "../../decide/unfinished/unfinished.ts";
import { journalEntries } from "../../model/run/journal.ts";
import type { KernelId, Pair } from "../../model/pair.ts";
import { stepPair, type Plan } from "../../model/run/plan.ts";
import type { Request } from "../../model/run/request.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { World } from "../../model/machine/world.ts";
import { forgetRecent } from "../../observe/recent-answers.ts";
import { readPackages } from "../../observe/tree/tree.ts";
import { readWorld } from "../../observe/world.ts";
import type { Interruption } from "../../system/process/signals.ts";
import { targetKind } from "../../system/files/files.ts";
import { Listings, type List } from "../../system/files/listings.ts";
import { keepWordsFromStdout, writeDocument, writeLine } from "../../system/output.ts";
import { autoinstallLines } from "../../tell/run/autoinstall.ts";
import type { ReportSource } from "../../tell/report/transaction-report.ts";
import { lostPairError } from "../../tell/run/lost-pairs.ts";
import { confRemarks } from "../../tell/run/conf-remarks.ts";
import { directiveLine, findingLines, planLines } from "../../tell/run/lines.ts";
import { forgetUnfinished, readUnfinished } from "./unfinished.ts";
import { endedPairs } from "../../decide/unfinished/ended-pairs.ts";
import { exitCodeOf } from "../frame/exit-codes.ts";
import { tellError } from "../frame/guarded.ts";
import { idleWorld } from "./idle.ts";
import { HookOutput } from "../frame/hook-output.ts";
import { LiveOutput, tellLine } from "../frame/live-output.ts";
import { isOnUsualTrees, plainOptions, type Settings } from "../frame/settings.ts";

/** Carries a request out and returns the exit status of the `dkms` command. */
export async function run(request: Request, settings: Settings): Promise<number> {
  if (settings.result === "json") keepWordsFromStdout();
  if (request.kind === "autoinstall" && targetKind(`${settings.layout.overrides}/no-autoinstall`) !== "none") {
    const path = `${settings.layout.overrides}/no-autoinstall`;
    writeLine("out", `Automatic installation of modules is switched off by ${path}.`);
    await tellDocument(settings, { plan: { steps: [], findings: [] }, outcomes: [] });
    return 0;
  }
  const { plan, outcomes, signalCode } = await walk(request, settings);
  await tellDocument(settings, { plan, outcomes });
  if (request.kind === "autoinstall" && !settings.dryRun) {
    autoinstallLines(request.kernel, plan, outcomes, exitCodeOf).forEach(tellLine);
  }
  if (request.kind === "match" && plan.steps.length + plan.findings.length === 0) {
    const { name, template, kernel } = request;
    const what = name === undefined ? "no module" : `no version of ${name}`;
    const lacking = `${what} is installed for ${template.release} that is not installed for ${kernel.release}`;
    writeLine("out", `Nothing to do: ${lacking}.`);
  }
  return signalCode ?? exitCode(request, plan, outcomes);
}

async function tellDocument(
  { result, dryRun }: Settings,
  { plan, outcomes }: Pick<Pass, "plan" | "outcomes">,
): Promise<void> {
  if (result === "words") return;
  const { runJson } = await import("../../tell/run/json.ts");
  writeDocument(runJson({ mode: dryRun ? "planned" : "done", plan, outcomes }));
}

/** What one pass through the layers has brought. */
type Pass = Pick<ReportSource, "world" | "plan" | "outcomes" | "lost" | "warnings">;

/** Of a pass in which nothing was carried out. */
const nothingDone = { outcomes: [], lost: [], warnings: [] } as const;

/** What a walk has brought: the pass for the request itself, and those that finished what earlier runs had begun. */
export interface Walk extends Pass {
  readonly finished: readonly Pass[];
  /** 128 + n when signal n ended it. */
  readonly signalCode: number | undefined;
}

/** Makes of the world what it is about to be. */
type Adapt = (world: World) => World;

/**
 * Observes, decides, acts and tells; takes the lock on the tree meanwhile. What earlier runs have begun is finished as well, unless the trees are those of
 * a command line, or `adapt` tells that this is no time for it.
 */
export async function walk(request: Request, settings: Settings, adapt?: Adapt): Promise<Walk> {
  const { layout } = settings;
  if (settings.dryRun) {
    const { world, plan } = await observeAndDecide(request, settings, undefined, adapt);
    if (settings.result === "words") planLines(plan.steps, plan.findings).forEach(tellLine);
    return { world, plan, ...nothingDone, finished: [], signalCode: undefined };
  }
  const idle = adapt === undefined ? await idleWorld(request, settings) : undefined;
  if (idle !== undefined) return { ...idle, ...nothingDone, finished: [], signalCode: undefined };
  const { locked } = await import("../frame/locked.ts");
  return locked(layout, async (interruption) => {
    const listings = new Listings();
    for (const error of clearStaleBuilds(layout, listings)) tellError(error);
    if (adapt !== undefined || !isOnUsualTrees(settings)) {
      const decision = await observeAndDecide(request, settings, listings.list, adapt);
      return {
        ...(await actAndTell(request, decision, settings, interruption)),
        finished: [],
        signalCode: interruption.exitCode(),
      };
    }
    const begun = readUnfinished(layout);
    const { before, main, after } = orderOfRequests(request, begun);
    const plain: Settings = { ...settings, options: plainOptions(settings.framework) };
    const finished: Pass[] = [];
    const finish = async (requests: readonly Request[]): Promise<void> => {
      for (const left of requests) {
        if (interruption.signal.aborted) return;
        const { world, plan } = await observeAndDecide(left, plain);
        listings.forget();
        finished.push(await actAndTell(left, { world, plan: withoutIdleFindings(plan) }, plain, interruption));
      }
    };
    await finish(before);
    const decision = await observeAndDecide(main, settings, listings.list);
    const asked = await actAndTell(main, decision, settings, interruption);
    await finish(after);
    const outcomes = [asked, ...finished].flatMap((pass) => pass.outcomes);
    if (!interruption.signal.aborted) forgetUnfinished(layout, begun, endedPairs(begun.entries, outcomes));
    return { ...asked, finished, signalCode: interruption.exitCode() };
  });
}

type Decision = Pick<Pass, "world" | "plan">;

async function observeAndDecide(request: Request, settings: Settings, list?: List, adapt?: Adapt): Promise<Decision> {
  const observed = await readWorld(request, settings, "needed", list);
  const world = adapt === undefined ? observed : adapt(observed);
  return { world, plan: decide(world, request) };
}

async function actAndTell(
  request: Request,
  { world, plan }: Decision,
  settings: Settings,
  interruption: Interruption,
): Promise<Pass> {
  const { layout, verbosity } = settings;
  for (const finding of plan.findings) findingLines(finding).forEach(tellLine);
  const leftOut = plan.findings.find(({ error }) => error.code === "kernels-left-out")?.error.facts.excerpt;
  if (leftOut !== undefined) rememberLeftOut(layout, world, new Set([...(world.leftOut ?? []), ...leftOut]));
  for (const directive of settings.options.directives) tellLine(directiveLine(directive));
  // In hooks nobody can do anything about them: `dkms doctor` and `dkms-pkgbuild lint` name them.
  confRemarks(world, plan, { deprecated: verbosity !== "brief" }).forEach(tellLine);
  const entries = journalEntries(request, plan);
  openJournal(layout, entries);
  const output =
    verbosity === "brief"
      ? new HookOutput({ plan, layout, kernels: world.kernels, verb: "Building" })
      : new LiveOutput({ plan, layout, kernels: world.kernels, verbosity });
  const warnings: string[] = [];
  const tell = (event: Event): void => {
    if (event.kind === "note" && event.level === "warning") warnings.push(event.text);
    output.event(event);
  };
  const context: ActContext = { ...settings, world, signal: interruption.signal, tell, explain };
  const outcomes = await carryOut(plan, context).finally(() => output.close());
  const lost = lostTo(outcomes, layout);
  for (const pair of lost) tellError(lostPairError(pair));
  // Only now: until its kernel's index is up to date, nobody finds a module that is in its place.
  if (!interruption.signal.aborted) closeJournal(layout, endedPairs(entries, outcomes));
  const kernel = changedKernel(request, plan, outcomes);
  if (kernel !== undefined) {
    const { runPostTransaction } = await import("../../act/post-transaction.ts");
    await runPostTransaction(kernel, context);
    forgetRecent();
  }
  return { world, plan, outcomes, lost, warnings };
}

/** What this run has installed and the tree does not have installed at its end. */
function lostTo(outcomes: readonly Outcome[], layout: Layout): readonly Pair[] {
  const names = new Set<string>(outcomes.flatMap(({ planned }) => stepPair(planned.step)?.module.name ?? []));
  if (names.size === 0) return [];
  return lostPairs(
    outcomes,
    readPackages(layout, names, () => "states"),
  );
}

/** Most transactions end with nothing to do: then all that building takes is not even loaded. */
async function carryOut(plan: Plan, context: ActContext): Promise<readonly Outcome[]> {
  if (plan.steps.length === 0) return [];
  const { execute } = await import("../../act/execute.ts");
  return execute(plan, context);
}

/** The first kernel of a run that changed what is installed and in which nothing failed. */
function changedKernel(request: Request, plan: Plan, outcomes: readonly Outcome[]): KernelId | undefined {
  if (request.kind === "add" || request.kind === "build") return undefined;
  const isBad = outcomes.some(({ ending }) => ending.kind === "failed" || ending.kind === "not-attempted");
  if (isBad || plan.findings.some(({ kind }) => kind === "refusal")) return undefined;
  const pairs = [...outcomes.map(({ planned }) => stepPair(planned.step)), ...plan.findings.map(({ pair }) => pair)];
  return pairs.find((pair) => pair !== undefined)?.kernel;
}

/**
 * The exit status: that of the first failure; 77 when the module is not meant for one of the kernels; 11 for autoinstall, unless all
 * that it lacks are headers; 14 for a kernel that could not be cleared.
 */
function exitCode(request: Request, plan: Plan, outcomes: readonly Outcome[]): number {
  const failures: DkmsError[] = plan.findings.filter(({ kind }) => kind === "refusal").map(({ error }) => error);
  for (const { ending } of outcomes) {
    if (ending.kind === "failed" || ending.kind === "not-attempted") failures.push(ending.error);
  }
  const [first] = failures;
  if (first === undefined) {
    const excluded = plan.findings.some(({ error }) => error.code === "excluded");
    return excluded && (request.kind === "build" || request.kind === "install") ? 77 : 0;
  }
  if (request.kind === "clear-kernel") return 14;
  const isHeaders = failures.every(({ code }) => code === "headers-missing");
  return request.kind === "autoinstall" && !isHeaders ? 11 : exitCodeOf(first);
}
