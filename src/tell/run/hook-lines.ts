/**
 * Lines for what a hook builds and installs. Nobody can ask there, and a build may take minutes: each is announced when it really begins, gives signs of life
 * while nothing else is printed, and ends with one line. What is known already takes one line for all.
 */
import type { DkmsError } from "../../model/errors.ts";
import { kernelWords, moduleText, pairKey, pairWords, type Pair } from "../../model/pair.ts";
import { stepPair, type Plan } from "../../model/run/plan.ts";
import type { BuildPhase, Event, Outcome, ResultOrigin } from "../../model/run/outcome.ts";
import { errorLines, printable } from "../errors.ts";
import { eventLines, type Line, type Verbosity } from "./lines.ts";
import { durationText, wholeDurationText } from "../names.ts";

/** What the lines are about. */
export interface HookLinesOrder {
  readonly plan: Plan;
  /** How much is told of what is no pair. */
  readonly verbosity: Verbosity;
  readonly verb: "Building" | "Test-building";
  /** How long the last build took that this one resembles, in seconds. */
  readonly last: (pair: Pair) => number | undefined;
}

/** A build that is at work. */
export interface RunningBuild {
  readonly pair: Pair;
  readonly phase: BuildPhase;
  /** Since when, in seconds. */
  readonly seconds: number;
  readonly compiled: number;
  /** Files that are to be compiled, as far as anybody knows; 0 when nobody does. */
  readonly files: number;
  readonly isLinking: boolean;
}

/** How the test build of a pair ended. */
interface TestEnd {
  readonly pair: Pair;
  readonly failed: boolean;
  readonly seconds: number;
  readonly origin: ResultOrigin;
}

/** The pairs that a plan builds or installs: what the lines count. */
function countedPairs({ steps }: Plan): number {
  const those = steps.filter(({ step }) => step.kind === "build" || step.kind === "install");
  return new Set(those.flatMap(({ step }) => stepPair(step) ?? []).map(pairKey)).size;
}

/** Makes the lines of one plan, in the order in which things happen. */
export class HookLines {
  readonly #order: HookLinesOrder;
  readonly #total: number;
  readonly #installed: ReadonlySet<string>;
  readonly #numbers = new Map<string, number>();
  readonly #built = new Map<string, { readonly origin: ResultOrigin; readonly seconds: number }>();
  readonly #warned = new Set<string>();
  #known: Pair[] = [];

  constructor(order: HookLinesOrder) {
    this.#order = order;
    this.#total = countedPairs(order.plan);
    const installs = order.plan.steps.filter(({ step }) => step.kind === "install");
    this.#installed = new Set(installs.flatMap(({ step }) => stepPair(step) ?? []).map(pairKey));
  }

  /** What is known already and was not printed yet. */
  get hasKnown(): boolean {
    return this.#known.length > 0;
  }

  /** The lines for what the executor tells. */
  event(event: Event): readonly Line[] {
    switch (event.kind) {
      case "begun":
        return [];
      case "phase":
        return event.phase === "preparing" ? [this.#begins(event.pair)] : [];
      case "note":
        return event.level === "warning" && this.#isNew(event.text) ? eventLines(event, "brief") : [];
      case "output":
        return eventLines(event, "brief");
      case "ended":
        return this.#ended(event.outcome);
    }
  }

  /** The lines for the end of a test build; why it failed is told by the judgement. */
  tested({ pair, failed, seconds, origin }: TestEnd): readonly Line[] {
    const number = this.#numberOf(pair);
    if (!failed && origin !== "build") {
      this.#known.push(pair);
      return [];
    }
    return [out(`==> ${number} ${pairWords(pair)} ${failed ? "FAILS to build" : "builds"} (${durationText(seconds)})`)];
  }

  /** One line for all that was known already. */
  known(): readonly Line[] {
    if (this.#known.length === 0) return [];
    const most = Math.max(...this.#known.map((pair) => this.#numbers.get(pairKey(pair)) ?? 0));
    const text = this.#order.verb === "Building" ? "Installed from the test build" : "Known to build";
    const line = `==> [${most}/${this.#total}] ${text}: ${byKernel(this.#known)}`;
    this.#known = [];
    return [out(line)];
  }

  /** Signs of life: a line for each build. */
  heartbeat(running: readonly RunningBuild[]): readonly Line[] {
    return running.map((build) =>
      out(`  -> ${pairWords(build.pair)}: ${wholeDurationText(build.seconds)}, ${phaseWords(build)}`),
    );
  }

  #begins(pair: Pair): Line {
    const last = this.#order.last(pair);
    const before = last === undefined || last < 1 ? "" : ` (took ${wholeDurationText(last)} last time)`;
    return out(`==> ${this.#numberOf(pair)} ${this.#order.verb} ${pairWords(pair)}${before}`);
  }

  #ended(outcome: Outcome): readonly Line[] {
    const { planned, ending, seconds } = outcome;
    const { step } = planned;
    const pair = stepPair(step);
    // Pairs of kernels and versions that have left are counted by the report.
    if (step.kind === "uninstall" && ending.kind === "done" && this.#order.verbosity === "brief") return [];
    if (pair === undefined || (step.kind !== "build" && step.kind !== "install"))
      return eventLines({ kind: "ended", outcome }, this.#order.verbosity);
    if (ending.kind === "failed") return this.#failed(pair, ending.error);
    if (ending.kind !== "done") return eventLines({ kind: "ended", outcome }, this.#order.verbosity);
    if (step.kind === "build") {
      const origin = ending.origin ?? "build";
      this.#built.set(pairKey(pair), { origin, seconds });
      if (this.#installed.has(pairKey(pair))) return [];
      const how = origin === "build" ? `in ${durationText(seconds)}` : "before, from the same inputs";
      return [out(`==> ${this.#numberOf(pair)} Built ${pairWords(pair)} ${how}`)];
    }
    const built = this.#built.get(pairKey(pair));
    const number = this.#numberOf(pair);
    if (built?.origin === "test-build") {
      this.#known.push(pair);
      return [];
    }
    const how =
      built === undefined
        ? ""
        : built.origin === "build"
          ? ` (built in ${durationText(built.seconds)})`
          : " (from an earlier build)";
    return [out(`==> ${number} Installed ${pairWords(pair)}${how}`)];
  }

  #failed(pair: Pair, error: DkmsError): readonly Line[] {
    const number = this.#numberOf(pair);
    const { isKnown, log } = error.facts;
    if (isKnown === true) {
      const where = log === undefined ? "" : `; the log is ${log}`;
      return [
        err(`==> ERROR: ${number} ${pairWords(pair)} is not built: its test build failed on the same inputs${where}`),
      ];
    }
    if (error.code === "interrupted") return [err(`==> ERROR: ${number} ${pairWords(pair)}: interrupted.`)];
    const [first = "", ...rest] = errorLines(error);
    return [err(`==> ERROR: ${number} ${first}`), ...rest.map((line) => err(`  -> ${line}`))];
  }

  #numberOf(pair: Pair): string {
    const key = pairKey(pair);
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return `[${number}/${Math.max(number, this.#total)}]`;
  }

  /** What is told of one object or kernel is not told of the next one in the same words. */
  #isNew(text: string): boolean {
    const words = text.replace(/^\S+(?= could not be signed)/, "").replaceAll(/ for \S+ \(\S+\)/g, "");
    if (this.#warned.has(words)) return false;
    this.#warned.add(words);
    return true;
  }
}

/** `compiling 37 of 112`, `linking`, `compressing and signing` */
export function phaseWords({ phase, compiled, files, isLinking }: Omit<RunningBuild, "pair" | "seconds">): string {
  switch (phase) {
    case "preparing":
      return "copying the sources";
    case "configuring":
      return "configuring";
    case "finishing":
      return "signing";
    case "installing":
      return "installing";
    case "compiling":
      if (isLinking) return "linking";
      if (compiled === 0) return "compiling";
      return files < compiled ? `compiling, ${compiled} files so far` : `compiling ${compiled} of ${files}`;
  }
}

/** `zfs/2.2.2, spl/1 for 6.6.1-arch1-1 (x86_64); zfs/2.2.2 for ...` */
function byKernel(pairs: readonly Pair[]): string {
  const kernels = new Map<string, string[]>();
  for (const { module, kernel } of pairs) {
    const words = kernelWords(kernel);
    kernels.set(words, [...(kernels.get(words) ?? []), moduleText(module)]);
  }
  return [...kernels].map(([kernel, modules]) => `${modules.join(", ")} for ${kernel}`).join("; ");
}

const out = (text: string): Line => ({ stream: "out", text: printable(text) });
const err = (text: string): Line => ({ stream: "err", text: printable(text) });
