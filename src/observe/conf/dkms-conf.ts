/** Evaluates dkms.conf files: bash runs them, and their directives come back as data. */
import { DkmsError } from "../../model/errors.ts";
import { directiveNames } from "../../model/conf/raw-conf.ts";
import type { ConfProblem, DirectiveName, RawConf, RawDirective, Verdict } from "../../model/conf/raw-conf.ts";
import type { BashOptions } from "../../system/process/bash.ts";
import { keepRecent, recentAnswer, recentKey } from "../recent-answers.ts";
import { evaluateShell, longestSilence } from "./shell-evaluation.ts";
import { callerEnvironment, confinedEnvironment, processors } from "../../system/environment.ts";
import { isOnOtherMachine, machineRoot } from "../../system/files/other-machine.ts";
import type { ShellAnswer, ShellRequest } from "./shell-evaluation.ts";

/** One dkms.conf to evaluate. */
export interface ConfRequest {
  readonly path: string;
  /** Files that are sourced after it, in this order; they must exist. */
  readonly overrides: readonly string[];
  /** Shell variables that it may read: `kernelver`, `arch`, `kernel_source_dir`, `dkms_tree`, ... */
  readonly variables: Readonly<Record<string, string>>;
  /** Values of `--directive`: NAME=VALUE. */
  readonly directives: readonly string[];
}

/** Where confs are evaluated. */
export interface ConfOptions extends Omit<BashOptions, "view"> {
  /** `auto`, also without it: in the sandbox wherever it works. `needed`: nowhere else. */
  readonly sandbox?: "auto" | "no" | "needed";
  /** What they see as `/`; without it, that of the machine that we look at. */
  readonly root?: string;
}

/**
 * Evaluates confs, each in a subshell of its own, those that run programs each in a sandbox of its own; the answers have the order of the requests. What this run has evaluated is not
 * evaluated again as long as its files are the same and nothing has been carried out, unless options name a directory, an environment or a root. Throws only
 * when bash itself cannot run, or a sandbox that is needed: `tool-missing`.
 */
export async function evaluateConfs(
  requests: readonly ConfRequest[],
  options: ConfOptions = {},
): Promise<readonly RawConf[]> {
  const isUsual = options.root === undefined && options.cwd === undefined && options.environment === undefined;
  const keys = requests.map((request) =>
    isUsual ? recentKey(["conf", request], [request.path, ...request.overrides]) : undefined,
  );
  const known = keys.map((key) => recentAnswer<RawConf>(key));
  const open = requests.flatMap((request, index) =>
    known[index] === undefined ? [{ request, key: keys[index] }] : [],
  );
  const shellRequests = open.map(({ request: { path, overrides, variables, directives } }) => {
    return { kind: "conf", files: [path, ...overrides], variables, directives } as const;
  });
  const answers =
    open.length === 0
      ? []
      : await evaluateIn(
          shellRequests,
          open.map(({ request }) => request),
          options,
        );
  const evaluated = open.map(({ request, key }, index) => {
    const answer = answers[index];
    return keepRecent(
      answer === undefined || answer.end === "killed" ? undefined : key,
      readConf(request.path, answer),
    );
  });
  return known.map((conf) => conf ?? evaluated.shift()).filter((conf) => conf !== undefined);
}

/** In the sandbox or, where that cannot be or is not wished, as we are. */
async function evaluateIn(
  shellRequests: readonly ShellRequest[],
  requests: readonly ConfRequest[],
  { sandbox: wished = "auto", root = machineRoot(), ...options }: ConfOptions,
): Promise<readonly ShellAnswer[]> {
  // What comes with a transaction that may still be refused is evaluated there or not at all.
  const sandbox = isOnOtherMachine() ? "needed" : wished;
  if (sandbox === "no") return evaluateShell(shellRequests, options);
  const { openConfSandbox, shareSandboxes } = await import("./conf-sandbox.ts");
  const environment = { ...confinedEnvironment(directivesOf(callerEnvironment())), ...options.environment };
  const { cwd } = options;
  const answers = new Map<number, ShellAnswer>();
  const sandboxes = shareSandboxes(root, requests).values();
  const evaluate = async (): Promise<void> => {
    for (const numbers of sandboxes) {
      const confined = await openConfSandbox(root, select(requests, numbers));
      const { readable } = confined.view;
      const view =
        cwd === undefined ? confined.view : { ...confined.view, readable: [...readable, cwd], directory: cwd };
      try {
        const found = await evaluateShell(select(shellRequests, numbers), { ...options, environment, view });
        for (const [at, answer] of found.entries()) answers.set(numbers[at] ?? -1, answer);
      } finally {
        confined.close();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: processors() }, evaluate));
  } catch (error) {
    const { separationHere } = await import("../../system/sandbox/confine.ts");
    const isWithout = error instanceof DkmsError && error.code === "tool-missing";
    if (!isWithout || sandbox === "needed" || (await separationHere()).kind !== "none") throw error;
    return evaluateShell(shellRequests, options);
  }
  return requests.map((_, number) => answers.get(number) ?? { words: [], end: "killed", stderr: "" });
}

function select<T>(from: readonly T[], numbers: readonly number[]): readonly T[] {
  return numbers.flatMap((number) => from[number] ?? []);
}

/** Directives that stand in the caller's environment, which dkms has as well. */
function directivesOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith("DKMS_DIRECTIVE")));
}

interface Collected {
  readonly form: "scalar" | "array";
  readonly values: Map<number, string>;
  readonly verdicts: Map<number, Verdict>;
}

function readConf(path: string, answer: ShellAnswer | undefined): RawConf {
  const directives = new Map<DirectiveName, Collected>();
  const problems: ConfProblem[] = [];
  const words = answer?.words ?? [];
  for (let at = 0; at < words.length;) {
    const [kind, first = "", second = "", third = "", fourth] = words.slice(at, at + 5);
    if (kind === "problem") {
      problems.push(problemOf(first, second.slice(1), path));
      at += 3;
      continue;
    }
    const index = Number(second);
    const name = directiveNames.find((known) => known === first);
    const isContent = kind === "value" && fourth?.startsWith("=") === true;
    at += isContent ? 5 : 4;
    if (name === undefined || !Number.isSafeInteger(index)) continue;
    if (kind === "verdict") {
      directives.get(name)?.verdicts.set(index, verdictOf(third));
    } else if (isContent) {
      const found = directives.get(name) ?? newDirective(third);
      directives.set(name, found);
      found.values.set(index, fourth.slice(1));
    } else {
      problems.push({
        kind: "unexpandable",
        message: `The value of ${name}[${index}] in ${path} cannot be expanded as in double quotes.`,
      });
    }
  }
  const isCut = answer?.end !== "complete" && problems.length === 0;
  if (isCut) problems.push(problemOf(answer?.end ?? "killed", "", path));
  return {
    path,
    directives: directives satisfies Map<DirectiveName, RawDirective>,
    problems,
    stderr: answer?.stderr ?? "",
  };
}

function newDirective(form: string): Collected {
  return { form: form === "array" ? "array" : "scalar", values: new Map(), verdicts: new Map() };
}

/** Statuses of bash's `[[ =~ ]]`. */
function verdictOf(status: string): Verdict {
  if (status === "0") return "matches";
  return status === "1" ? "differs" : "invalid";
}

function problemOf(kind: string, detail: string, path: string): ConfProblem {
  switch (kind) {
    case "unreadable":
      return { kind, message: `${detail} does not exist or cannot be read.` };
    case "syntax":
      return { kind, message: `${detail} has a syntax error, so nothing in it counts.` };
    case "exited":
      return { kind, message: `${path} ended the shell that reads it (status ${detail}), so nothing in it counts.` };
    case "bad-assignment":
      return { kind, message: `"${detail}" is no assignment to a directive: NAME=VALUE is.` };
    case "silent":
      return { kind, message: `${path} was stopped: evaluating it took more than ${longestSilence} seconds.` };
    case "flood":
      return { kind, message: `${path} was stopped: evaluating it wrote more than 1 MiB of messages.` };
    default:
      return { kind: "killed", message: `${path} killed the shell that evaluates it.` };
  }
}
