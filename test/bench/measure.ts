/** Measures commands side by side: one round runs each of them once, so that whatever else the machine does meanwhile falls on all of them alike. */
import type { CommandResult } from "../e2e/command.ts";
import type { Round, Taken } from "./kept-rounds.ts";

/** Runs a program somewhere: on the host or in a disposable machine. */
export type Runner = (
  argv: readonly string[],
  options?: { readonly input?: string; readonly timeout?: number; readonly env?: Readonly<Record<string, string>> },
) => Promise<CommandResult>;

/** A command to measure. */
export interface Measured {
  readonly run: Runner;
  readonly argv: readonly string[];
  readonly input?: string;
  /** Seconds that it may take. */
  readonly timeout?: number;
  /** Brings everything to where it has to be before each round, unmeasured. */
  readonly before?: () => Promise<void>;
  /** Programs in a sandbox are waited for by nobody: they are counted by a shell that is the first process of a world of its own, which takes root. */
  readonly orphans?: "counted";
  /** Told on stderr when it begins, as somebody waits for it. */
  readonly isLong?: boolean;
  /** The exit status that it must have; 0 without it. */
  readonly status?: number;
}

/** Median and least of the rounds, in milliseconds. */
export interface Figures {
  readonly wall: number;
  readonly leastWall: number;
  /** Time on processors, children included. */
  readonly cpu: number;
  readonly leastCpu: number;
}

/** bash's `time` tells what the command and all that it waited for have used; the command's own output is nobody's concern here. */
const timed = `TIMEFORMAT='figures %R %U %S'; time "$@" >/dev/null 2>&1`;

/** Seconds from which on a command's figures are told at once, as somebody waits for them. */
const longWork = 5;

/** Rounds that there are already, and what is done with each new one; it throws when the round is worth nothing. */
export interface Rounds<Name extends string> {
  readonly earlier?: readonly Round[];
  readonly after?: (round: Readonly<Record<Name, Taken>>) => Promise<void>;
}

/** Measures each command in every round that is missing; throws when one of them does not end as it should. What takes long is told on stderr as it comes. */
export async function measure<Name extends string>(
  commands: Readonly<Record<Name, Measured>>,
  count: number,
  { earlier = [], after }: Rounds<Name> = {},
): Promise<Readonly<Record<Name, Figures>>> {
  const names = Object.keys(commands) as Name[];
  const rounds: Round[] = earlier.slice(0, count);
  while (rounds.length < count) {
    const taken: [Name, Taken][] = [];
    for (const name of names)
      taken.push([name, await once(commands[name], `round ${rounds.length + 1} of ${count}, ${name}`)]);
    const round = Object.fromEntries(taken) as Record<Name, Taken>;
    await after?.(round);
    rounds.push(round);
  }
  return Object.fromEntries(names.map((name) => [name, figuresOf(rounds, name)])) as Record<Name, Figures>;
}

function figuresOf(rounds: readonly Round[], name: string): Figures {
  const all = rounds.flatMap((round) => round[name] ?? []);
  const [walls, cpus] = [all.map(({ wall }) => wall), all.map(({ cpu }) => cpu)];
  return { wall: median(walls), leastWall: Math.min(...walls), cpu: median(cpus), leastCpu: Math.min(...cpus) };
}

async function once(
  { run, argv, input, timeout, before, isLong, orphans, status = 0 }: Measured,
  name: string,
): Promise<Taken> {
  await before?.();
  if (isLong === true) console.error(`${name}: begun at ${new Date().toTimeString().slice(0, 8)}`);
  const world = orphans === undefined ? [] : ["unshare", "--pid", "--fork", "--mount-proc"];
  const result = await run([...world, "bash", "-c", timed, "bash", ...argv], {
    input: input ?? "",
    timeout: timeout ?? 60,
  });
  const [, real, user, system] = /^figures ([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(result.stderr) ?? [];
  if (result.status !== status || real === undefined) {
    throw new Error(`${name}: ${argv.join(" ")} ended with ${result.status}, not ${status}:\n${result.output}`);
  }
  const seconds = { wall: Number(real), cpu: Number(user) + Number(system) };
  if (seconds.wall >= longWork) {
    console.error(`${name}: ${seconds.wall} s, ${seconds.cpu.toFixed(1)} s of processors`);
  }
  return { wall: 1000 * seconds.wall, cpu: 1000 * seconds.cpu };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
