/** Kills hook programs at random moments: the next run, be it the same one or one that knows nothing of it, comes to the end of an undisturbed one. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { reliabilityRow } from "../../reliability-row.ts";
import { isLong } from "../../form.ts";
import { stories, unrelated, type Story, type Transaction } from "./changes.ts";
import { crashMachine, type CrashMachine, type Run, type Victim } from "./crash-machine.ts";
import { seededRandom } from "./random.ts";

const rounds = isLong ? 500 : 24;
const workers = 2;
const random = seededRandom();

/** What one round does; chosen before it begins, so that a seed tells all of it but the scheduler's part. */
interface Round {
  readonly story: Story;
  /** Which of the transaction's hooks is killed. */
  readonly run: number;
  readonly victim: Victim;
  /** When, as a part of the time that the hook takes undisturbed. */
  readonly moment: number;
  /** Whether pacman, or the power, has failed as well, so that the hooks that follow are not run. */
  readonly rest: "runs" | "lost";
  readonly next: "same" | Transaction;
}

function chooseRound(index: number): Round {
  const story = random.pick(stories);
  return {
    story,
    run: Math.floor(random.below(story.runs.length)),
    victim: random.pick(["all", "program"]),
    moment: random.below(1),
    rest: random.pick(["runs", "lost"]),
    next: index % 2 === 0 ? "same" : random.pick(unrelated),
  };
}

async function complete(machine: CrashMachine, runs: readonly Run[]): Promise<void> {
  for (const run of runs) {
    const { status, output } = await machine.begin(run).result;
    // A command that is given again may find that there is nothing left to do.
    const isAllRight =
      status === 0 || (run.argv[0] === "dkms" && / is not in the dkms tree| already| is not /.test(output));
    assert.ok(isAllRight, `${run.argv.join(" ")} left with ${status}: ${output}`);
  }
}

/** Where stories are played: a machine that keeps the states in which they begin. */
class Stage {
  readonly machine: CrashMachine;
  readonly #prepared = new Set<string>();

  constructor(machine: CrashMachine) {
    this.machine = machine;
  }

  /** Puts the machine into the state in which the story's programs are run. */
  async begin(story: Story): Promise<void> {
    if (this.#prepared.has(story.name)) {
      await this.machine.restore(story.name);
      return;
    }
    await this.machine.restore("nothing");
    await story.before.change(this.machine);
    await complete(this.machine, story.before.runs);
    await story.change(this.machine);
    await this.machine.save(story.name);
    this.#prepared.add(story.name);
  }
}

/** How an undisturbed story ends, and how many milliseconds each of its runs takes. */
interface Undisturbed {
  readonly end: readonly string[];
  readonly times: readonly number[];
}

const undisturbed = new Map<string, Promise<Undisturbed>>();

/** Found out once, on the first stage that asks. */
function undisturbedEnd(stage: Stage, story: Story, next: Round["next"]): Promise<Undisturbed> {
  const key = `${story.name}, then ${next === "same" ? "nothing" : next.name}`;
  const found = undisturbed.get(key) ?? playUndisturbed(stage, story, next);
  undisturbed.set(key, found);
  return found;
}

async function playUndisturbed(stage: Stage, story: Story, next: Round["next"]): Promise<Undisturbed> {
  const { machine } = stage;
  await stage.begin(story);
  const times: number[] = [];
  for (const run of story.runs) {
    const started = performance.now();
    await complete(machine, [run]);
    times.push(performance.now() - started);
  }
  if (next !== "same") {
    await next.change(machine);
    await complete(machine, next.runs);
  }
  return { end: await machine.state(), times };
}

/** Plays a round; gives in words what was killed. */
async function play(stage: Stage, round: Round): Promise<string> {
  const { machine } = stage;
  const { story, victim, rest } = round;
  const { times } = await undisturbedEnd(stage, story, round.next);
  await killRun(stage, round, times[round.run] ?? 0);
  // Whoever is killed before he has read what to do has not begun: only who has the targets can do it.
  const hasBegun =
    machine.list("/var/lib/dkms-alpm/targets").length > 0 || machine.exists("/var/lib/dkms-alpm/pending");
  const next = hasBegun ? round.next : "same";
  const left = story.runs.slice(round.run + 1);
  if (rest === "runs") for (const run of left) await machine.begin(run).result;
  if (next === "same") await complete(machine, story.runs);
  else {
    await next.change(machine);
    await complete(machine, next.runs);
  }
  const state = await machine.state();
  const { end } = await undisturbedEnd(stage, story, next);
  const differences = lineDifferences(end, state);
  assert.is(differences.length, 0, differences.join("\n"));
  return hasBegun ? `${victim} killed` : `${victim} killed before it began`;
}

/** Runs the programs up to the one that is killed, and kills it; sooner when it was over before. */
async function killRun(stage: Stage, { story, run, victim, moment }: Round, time: number): Promise<void> {
  const killed = story.runs[run] ?? story.runs[0];
  for (let part = moment; ; part *= 0.9) {
    await stage.begin(story);
    await complete(stage.machine, story.runs.slice(0, run));
    const command = stage.machine.begin(killed, victim);
    await new Promise((resolve) => setTimeout(resolve, part * time));
    command.kill("SIGKILL");
    if ((await command.result).signal !== null) return;
  }
}

function lineDifferences(expected: readonly string[], actual: readonly string[]): string[] {
  return [
    ...expected.filter((line) => !actual.includes(line)).map((line) => `- ${line}`),
    ...actual.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}

test(`the state after ${rounds} killed runs is that of undisturbed ones (seed ${random.seed})`, async () => {
  console.log(`seed ${random.seed}: DKMS_ALPM_SEED=${random.seed} chooses the same rounds`);
  const queue = Array.from({ length: rounds }, (_, index) => ({ index, round: chooseRound(index) }));
  const failures: string[] = [];
  const counts = new Map<string, number>();
  const worker = async (): Promise<void> => {
    const machine = await crashMachine();
    try {
      await machine.save("nothing");
      const stage = new Stage(machine);
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        const { index, round } = item;
        const words = `round ${index}: ${round.story.name}, run ${round.run}, ${round.victim} killed at ${round.moment.toFixed(3)}, rest ${round.rest}, next ${round.next === "same" ? "the same" : round.next.name}`;
        try {
          const outcome = await play(stage, round);
          counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        } catch (error) {
          failures.push(`${words}\n${error instanceof Error ? error.message : String(error)}`);
        }
      }
    } finally {
      await machine.dispose();
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  console.log([...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", "));
  reliabilityRow({
    what: "a hook program at a random moment; then the same hooks, or those of another transaction",
    fault: "killed",
    tried: rounds,
    survived: rounds - failures.length,
  });
  assert.is(failures.length, 0, failures.join("\n\n"));
});

test.run();
