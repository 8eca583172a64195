/** One sequence of commands and of changes to the machine, played to both programs, and what they left compared after every step. */
import { rmSync } from "node:fs";
import type { Machine } from "../machine.ts";
import { type KnownDifference, knownDifferences, type Residue } from "./differences.ts";
import { snapshot } from "./snapshot.ts";
import { type Program, programs, type Twins } from "./twins.ts";

/** `dkms WORDS`, or a change of the files that both machines see. */
export type Step =
  | { readonly dkms: string }
  | { readonly write: string; readonly text: string; readonly mode?: number }
  | { readonly remove: string };

/** What both programs did in one step. */
export interface Observation {
  readonly step: Step;
  readonly exit: Readonly<Record<Program, number | null>>;
  /** Lines of stdout of a `status`; empty for other commands. */
  readonly status: Readonly<Record<Program, readonly string[]>>;
  readonly tree: Readonly<Record<Program, readonly string[]>>;
  readonly output: Readonly<Record<Program, string>>;
}

/** What a sequence showed: differences that nobody explained, and the names of those that somebody did. */
export interface Verdict {
  readonly unexplained: readonly string[];
  readonly explained: readonly string[];
  /** How many steps were compared. */
  readonly compared: number;
}

export interface PlayOptions {
  /** Seconds for each command. */
  readonly timeout?: number;
  /** What may differ; all known differences by default. */
  readonly known?: readonly KnownDifference[];
}

/** Plays a sequence; stops at the first step after which the two differ in what they know. */
export async function play(twins: Twins, steps: readonly Step[], options: PlayOptions = {}): Promise<Verdict> {
  const { timeout = 60, known = knownDifferences } = options;
  const explained = new Set<string>();
  let compared = 0;
  for (const [index, step] of steps.entries()) {
    compared += 1;
    const seen = await observe(twins, step, timeout);
    let residue: Residue = residueOf(seen);
    let stop = false;
    for (const difference of known) {
      if (isEmpty(residue)) break;
      const rest = difference.explain(residue, seen);
      if (rest === residue) continue;
      explained.add(difference.name);
      residue = rest;
      stop ||= difference.lasting === "yes";
    }
    if (!isEmpty(residue)) {
      return { unexplained: tellResidue(index, seen, residue), explained: [...explained], compared };
    }
    if (stop) break;
  }
  return { unexplained: [], explained: [...explained], compared };
}

/** Both programs do one step, side by side. */
async function observe(twins: Twins, step: Step, timeout: number): Promise<Observation> {
  const [ours, reference] = await Promise.all([
    perform(twins.ours, step, timeout),
    perform(twins.reference, step, timeout),
  ]);
  const both = <T>(read: (done: Done) => T): Record<Program, T> => ({ ours: read(ours), reference: read(reference) });
  return {
    step,
    exit: both((done) => done.exit),
    status: both((done) => done.status),
    output: both((done) => done.output),
    tree: { ours: snapshot(twins.ours), reference: snapshot(twins.reference) },
  };
}

interface Done {
  readonly exit: number | null;
  readonly status: readonly string[];
  readonly output: string;
}

async function perform(machine: Machine, step: Step, timeout: number): Promise<Done> {
  if ("write" in step) machine.write(step.write, step.text, step.mode);
  else if ("remove" in step) rmSync(machine.path(step.remove), { recursive: true, force: true });
  else {
    const words = step.dkms.split(" ");
    const { status, stdout, output } = await machine.run(["dkms", ...words], { env: { LC_ALL: "C" }, timeout });
    return { exit: status, status: words[0] === "status" ? lines(stdout) : [], output };
  }
  return { exit: 0, status: [], output: "" };
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function residueOf(seen: Observation): Residue {
  return {
    exit: seen.exit.ours === seen.exit.reference ? undefined : seen.exit,
    status: only(seen.status),
    tree: only(seen.tree),
  };
}

/** The lines that one side has and the other has not; the order of status lines counts, so both whole lists when only that differs. */
function only(both: Readonly<Record<Program, readonly string[]>>): Record<Program, readonly string[]> {
  const ours = new Set(both.ours);
  const reference = new Set(both.reference);
  const left = {
    ours: both.ours.filter((line) => !reference.has(line)),
    reference: both.reference.filter((line) => !ours.has(line)),
  };
  const sameSet = left.ours.length === 0 && left.reference.length === 0;
  return sameSet && both.ours.join("\n") !== both.reference.join("\n") ? both : left;
}

function isEmpty({ exit, status, tree }: Residue): boolean {
  return exit === undefined && programs.every((program) => status[program].length + tree[program].length === 0);
}

function tellResidue(index: number, seen: Observation, { exit, status, tree }: Residue): string[] {
  const told = [`step ${index + 1}: ${tellStep(seen.step)}`];
  if (exit !== undefined) told.push(`  exit: ours ${exit.ours}, reference ${exit.reference}`);
  for (const program of programs) {
    for (const line of [...status[program], ...tree[program]]) told.push(`  only ${program}: ${line}`);
  }
  for (const program of programs) {
    told.push(`  --- ${program} printed:`);
    for (const line of lines(seen.output[program]).slice(-30)) told.push(`  | ${line}`);
  }
  return told;
}

/** A step as a shell would have it. */
export function tellStep(step: Step): string {
  if ("dkms" in step) return `dkms ${step.dkms}`;
  return "write" in step ? `echo ${JSON.stringify(step.text)} >${step.write}` : `rm -r ${step.remove}`;
}
