/** Has one fault happen in one run of an operation, and judges everything that comes of it. */
import type { CommandResult } from "../command.ts";
import type { Call, FaultMachine } from "./fault-machine.ts";
import type { Fault } from "./faults.ts";
import { brokenThings } from "./invariants.ts";
import { moduleOf, type Operation } from "./operations.ts";
import { readState, type State } from "./state.ts";

/** An operation on a machine that is prepared for it, and how it goes when nothing disturbs it. */
export interface Rehearsed {
  readonly operation: Operation;
  readonly before: State;
  readonly end: State;
  readonly status: string;
  /** The calls that change files, in their order. */
  readonly calls: readonly Call[];
}

/** Prepares the machine, saves that state under the operation's name, and lets the program run once. The state `nothing` has to be saved before. */
export async function rehearse(machine: FaultMachine, operation: Operation): Promise<Rehearsed> {
  await machine.restore("nothing");
  await operation.prepare(machine);
  await machine.save(operation.name);
  await machine.restore(operation.name);
  const before = readState(machine);
  machine.arm(operation.victim ?? "node");
  const { status, output } = await machine.play(operation.run);
  const calls = machine.disarm();
  if (status !== 0) throw new Error(`${operation.name}: undisturbed it leaves with ${status}: ${output}`);
  if (calls.length === 0) throw new Error(`${operation.name} changes nothing`);
  return { operation, before, end: readState(machine), status: await dkmsStatus(machine), calls };
}

/** What came of a fault; `missed` when the run had ended before its point came. */
export type Verdict =
  | { readonly kind: "survived" | "missed" }
  | { readonly kind: "lost"; readonly why: readonly string[] };

/** A fault on its way. */
export interface Strike {
  /** What was struck, in words. */
  readonly name: string;
  /** `program`: dkms-alpm itself, which has to say where and why it failed. `tool`: a program that it has started, whose failure it has to tell. */
  readonly victim: "program" | "tool";
  readonly isKill: boolean;
  /** Modules that it has nothing to do with must not suffer from a fault that happens once; undefined: it may concern all. */
  readonly words: RegExp;
  /** `plain`: objects that stay as they are when a tool cannot finish them count as what they are, strip and compression aside. */
  readonly comparison: "exact" | "plain";
  begin(): void;
  /** What was hit in a run that ended like this; undefined: nothing was. */
  end(result: CommandResult): { readonly path: string; readonly extent: Fault["extent"] } | undefined;
}

/** A fault at a call of dkms-alpm itself. */
export function ownStrike(
  machine: FaultMachine,
  { victim: program = "node", words }: Operation,
  fault: Fault,
  number: number,
): Strike {
  return {
    name: `call ${number}`,
    victim: "program",
    isKill: fault.error === 0,
    words: words ?? fault.words,
    comparison: "exact",
    begin: () => machine.arm(program, { number, fault }),
    end: () => {
      const hit = machine.disarm().find(({ isHit }) => isHit);
      return hit === undefined ? undefined : { path: `${hit.name} ${hit.path}`, extent: fault.extent };
    },
  };
}

/** Restores the operation's state, strikes, judges, lets the program run once more, and judges again. */
export async function play(machine: FaultMachine, rehearsed: Rehearsed, strike: Strike): Promise<Verdict> {
  const { operation, before, end } = rehearsed;
  await machine.restore(operation.name);
  strike.begin();
  const result = await machine.play(operation.run);
  const hit = strike.end(result);
  if (hit === undefined) return { kind: "missed" };
  const compare = (actual: State, when: string): string[] => differences(strike, end, actual, when);
  const now = readState(machine);
  const why = await brokenThings(machine, { before, end }, now);
  if (!(strike.isKill && strike.victim === "program")) why.push(...badWords(result, strike));
  if (!strike.isKill && hit.extent === "once") why.push(...othersHarmed(hit.path, rehearsed, now));
  // What is left of a build goes with the next run, and is none of what was asked for, nor is the place for targets.
  const isPrivate = (text: string): boolean =>
    / \/var\/lib\/dkms-alpm\/build|\/results\/\.new-| \/var\/lib\/dkms-alpm\/targets$/.test(text);
  if (result.status === 0) why.push(...compare(now, "although it claims success, ").filter((text) => !isPrivate(text)));
  const again = await machine.play(operation.run);
  if (!isFine(again, operation)) why.push(`the next run leaves with ${again.status}: ${again.output}`);
  why.push(...compare(readState(machine), "after the next run "));
  const status = await dkmsStatus(machine);
  if (status !== rehearsed.status) why.push(`dkms status says: ${status}`);
  if (why.length === 0) return { kind: "survived" };
  return { kind: "lost", why: [`at ${strike.name}: ${hit.path}`, ...why, `it had said: ${result.output}`] };
}

const dkmsStatus = (machine: FaultMachine): Promise<string> => machine.need(["dkms", "status"]);

/** Whoever gives a command again may hear that there is nothing left to do. */
function isFine({ status, output }: CommandResult, { run }: Operation): boolean {
  if (status === 0) return true;
  return run.argv[0] === "dkms" && / is already | is not installed| is not active/.test(output);
}

/** A failure is told in words, with a path where it is one of ours; never by a stack trace. */
function badWords({ status, output }: CommandResult, { victim, words }: Strike): string[] {
  const why: string[] = [];
  if (/^\s+at .*:\d+:\d+\)?$/m.test(output) || output.includes("has a bug") || status === 70)
    why.push("it shows a stack trace");
  if (status === 0) return why;
  if (status === null || status > 77) why.push(`it leaves with ${status}`);
  const lines = output.split("\n");
  const isTold =
    victim === "tool"
      ? lines.some((line) => line.startsWith("==> ERROR: "))
      : lines.some((line) => words.test(line) && /(?:^|[\s"'(])\/[^\s:]|-> +depmod: ERROR: /.test(line));
  if (!isTold) why.push("nothing it says names what failed, and why");
  return why;
}

/** Objects of a module that the fault does not concern are in their places. */
function othersHarmed(hit: string, { end }: Rehearsed, now: State): string[] {
  const culprit = moduleOf(hit);
  if (culprit === undefined) return [];
  return [...end.objects]
    .filter(([path]) => moduleOf(path) !== undefined && moduleOf(path) !== culprit)
    .filter(([path, digest]) => now.objects.get(path) !== digest)
    .map(([path]) => `${path}, which has nothing to do with it, is not as it shall be`);
}

function differences({ comparison }: Strike, expected: State, actual: State, when: string): string[] {
  const shown = (lines: readonly string[]): readonly string[] => (comparison === "exact" ? lines : lines.map(plain));
  const [wanted, found] = [shown(expected.lines), shown(actual.lines)];
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `${when}there is no: ${line}`),
    ...found.filter((line) => !wanted.includes(line)).map((line) => `${when}there is: ${line}`),
  ];
}

/** A line without what depends on whether an object is stripped and compressed. */
function plain(line: string): string {
  return line.replace(/(\.ko)(?:\.(?:xz|gz|zst))? \w{8}$/, "$1").replace(/(\/modules\.[a-z.]+) \w{8}$/, "$1");
}
