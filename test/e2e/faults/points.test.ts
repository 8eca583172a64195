/**
 * Kills each program, and fails the calls by which it changes files, one after the other: nothing is torn or lost, the reason is told, and one more run comes
 * to the end of an undisturbed one. `DKMS_ALPM_LONG=1` tries every call with every fault; otherwise some dozen calls are chosen at random.
 * `$DKMS_ALPM_OPERATIONS`, a part of their names, chooses some of the operations, `$DKMS_ALPM_FAULT` one of the faults; with `$DKMS_ALPM_STRIDE=N` a long run
 * fails every Nth call only, and still kills at every one.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { reliabilityRow, reliabilityTable } from "../../reliability-row.ts";
import { isLong } from "../../form.ts";
import { seededRandom } from "../crash/random.ts";
import { faultMachine, type FaultMachine } from "./fault-machine.ts";
import { faults, type Fault } from "./faults.ts";
import { operations, otherPrograms, type Operation } from "./operations.ts";
import { ownStrike, play, rehearse, type Rehearsed } from "./play.ts";
import { Tally } from "./tally.ts";

const chosen = operations.filter(({ name }) => name.includes(process.env["DKMS_ALPM_OPERATIONS"] ?? ""));
const chosenFaults = faults.filter(({ name }) => name.includes(process.env["DKMS_ALPM_FAULT"] ?? ""));
const { seed } = seededRandom();
const workers = 2;
const stride = Number(process.env["DKMS_ALPM_STRIDE"] ?? 1);
/** Points that each worker of a short run tries. */
const shortRun = 12;
/** Calls of one operation that a short run tries before it goes on to another one, which takes a while to prepare. */
const helping = 6;

/** Calls of each of the programs that have their place in every short run. */
const few = 2;

/** One fault and the operation that it happens to; `calls` picks those that it happens at. */
interface Round {
  readonly operation: Operation;
  readonly fault: Fault;
  readonly calls: (suitable: readonly number[]) => readonly number[];
}

function everyRound(): readonly Round[] {
  return chosenFaults.flatMap((fault) =>
    chosen.map((operation) => ({
      operation,
      fault,
      calls: (suitable: readonly number[]) =>
        suitable.filter((_, index) => fault.name === "killed" || index % stride === 0),
    })),
  );
}

/** Rounds of a short run. Each worker has its own, so that the same seed makes the same ones. */
function* randomRounds(worker: number): Generator<Round> {
  const random = seededRandom(seed + worker);
  const [firstFault, ...otherFaults] = chosenFaults;
  const [first, ...rest] = chosen.filter((operation) => !otherPrograms.includes(operation));
  if (firstFault === undefined) throw new Error("no fault has such a name");
  const someFaults: [Fault, ...Fault[]] = [firstFault, ...otherFaults];
  function* some(operation: Operation, points: number): Generator<Round> {
    for (let count = 0; count < points; count += 1) {
      const place = random.below(1);
      const calls = (suitable: readonly number[]): readonly number[] =>
        suitable.slice(Math.floor(place * suitable.length)).slice(0, 1);
      yield { operation, fault: random.pick(someFaults), calls };
    }
  }
  const own = otherPrograms.filter((operation, index) => index % workers === worker && chosen.includes(operation));
  for (const operation of own) yield* some(operation, few);
  if (first === undefined) return;
  for (let played = 0; played < shortRun; played += helping) yield* some(random.pick([first, ...rest]), helping);
}

/** A machine that has every operation prepared that it has seen. */
class Stage {
  readonly machine: FaultMachine;
  readonly #rehearsed = new Map<string, Rehearsed>();

  constructor(machine: FaultMachine) {
    this.machine = machine;
  }

  async rehearsed(operation: Operation): Promise<Rehearsed> {
    const known = this.#rehearsed.get(operation.name) ?? (await rehearse(this.machine, operation));
    this.#rehearsed.set(operation.name, known);
    return known;
  }
}

test(`faults at calls that change files (seed ${seed})`, async () => {
  if (!isLong) console.log(`seed ${seed}: DKMS_ALPM_SEED=${seed} chooses the same calls`);
  const shared = everyRound().values();
  const tally = new Tally();
  const worker = async (_: unknown, index: number): Promise<void> => {
    const rounds = isLong ? shared : randomRounds(index);
    const machine = await faultMachine();
    try {
      await machine.save("nothing");
      const stage = new Stage(machine);
      for (let next = rounds.next(); next.done !== true; next = rounds.next()) {
        const { operation, fault, calls } = next.value;
        const rehearsed = await stage.rehearsed(operation);
        const suitable = rehearsed.calls.filter(({ kind }) => fault.kinds.includes(kind)).map(({ number }) => number);
        const round = new Tally();
        for (const number of calls(suitable))
          round.add(
            operation.name,
            fault.name,
            await play(machine, rehearsed, ownStrike(machine, operation, fault, number)),
          );
        // At once: a long run that is ended before its time has done what it has done.
        for (const row of round.rows()) reliabilityRow(row);
        tally.addAll(round);
      }
    } finally {
      await machine.dispose();
    }
  };
  await Promise.all(Array.from({ length: workers }).map(worker));
  console.log(reliabilityTable(tally.rows()));
  assert.is(tally.losses().length, 0, tally.losses().join("\n\n"));
  assert.ok(tally.rows().length > 0, "nothing was tried");
});

test.run();
