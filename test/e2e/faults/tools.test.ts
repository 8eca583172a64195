/**
 * Kills the programs that dkms-alpm starts, and fails the calls by which they change files: their failure is told, nothing torn gets into the tree or to a kernel,
 * and one more run comes to the end of an undisturbed one. `DKMS_ALPM_LONG=1` tries every call with every fault; otherwise a few chosen at random.
 * `$DKMS_ALPM_OPERATIONS`, a part of their names, chooses some of the operations of a long run.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { reliabilityRow, reliabilityTable } from "../../reliability-row.ts";
import { isLong } from "../../form.ts";
import { seededRandom } from "../crash/random.ts";
import { faultMachine, type FaultMachine } from "./fault-machine.ts";
import { faults, type Fault } from "./faults.ts";
import { operations } from "./operations.ts";
import { play, rehearse, type Rehearsed } from "./play.ts";
import { Tally } from "./tally.ts";
import { standInFor, toolCalls, toolStrike, type ToolCall } from "./tools.ts";

const random = seededRandom();
/** Points that a short run tries. */
const shortRun = 16;

/** Which programs are struck while what is going on; a short run takes some of the rows, since each takes a while to prepare. */
const allRows: readonly (readonly [operation: string, tools: readonly string[]])[] = [
  ["install hook: modules are built and installed", ["depmod", "strip", "zstd", "cp", "make", "bwrap"]],
  ["dkms mktarball", ["cp", "tar"]],
  ["dkms ldtarball", ["tar"]],
  ["dkms install, by hand", ["depmod", "strip", "zstd", "cp", "make", "bwrap"]],
  ["dkms prune", ["depmod"]],
  ["dkms mkpkg", ["bsdtar"]],
  ["dkms mkpkg: into a repository", ["bsdtar"]],
  ["dkms-initramfs: an image is written", ["sort"]],
  ["dkms-initramfs: an image is written aside", ["sort"]],
];
const rows = isLong
  ? allRows.filter(([name]) => name.includes(process.env["DKMS_ALPM_OPERATIONS"] ?? ""))
  : shuffled(allRows).slice(0, 3);

interface Point {
  readonly rehearsed: Rehearsed;
  readonly call: ToolCall;
  readonly fault: Fault;
}

/** Every call of every tool with every fault; a make is only killed, since it writes nothing itself. */
async function everyPoint(machine: FaultMachine): Promise<Point[]> {
  const points: Point[] = [];
  for (const [name, tools] of rows) {
    const operation = operations.find((known) => known.name === name);
    if (operation === undefined) throw new Error(`there is no operation "${name}"`);
    const rehearsed = await rehearse(machine, operation);
    for (const tool of tools) {
      await machine.restore(name);
      const calls = await toolCalls(machine, operation.run, tool);
      if (calls.length === 0) throw new Error(`${name}: ${tool} changes nothing`);
      const suitable = tool === "make" ? faults.filter(({ error }) => error === 0) : faults;
      points.push(...calls.flatMap((call) => suitable.map((fault) => ({ rehearsed, call, fault }))));
    }
  }
  return points;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: random.below(1) }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

test(`faults in the programs that are started (seed ${random.seed})`, async () => {
  if (!isLong) console.log(`seed ${random.seed}: DKMS_ALPM_SEED=${random.seed} chooses the same calls`);
  const machine = await faultMachine();
  const tally = new Tally();
  try {
    await machine.save("nothing");
    await standInFor(machine, [...new Set(rows.flatMap(([, tools]) => tools))]);
    const points = shuffled(await everyPoint(machine)).slice(0, isLong ? Infinity : shortRun);
    for (const { rehearsed, call, fault } of points) {
      const verdict = await play(machine, rehearsed, toolStrike(machine, fault, call));
      const one = new Tally();
      one.add(`${rehearsed.operation.name}; in ${call.tool}`, fault.name, verdict);
      // At once: a long run that is ended before its time has done what it has done.
      for (const row of one.rows()) reliabilityRow(row);
      tally.addAll(one);
    }
  } finally {
    await machine.dispose();
  }
  console.log(reliabilityTable(tally.rows()));
  assert.is(tally.losses().length, 0, tally.losses().join("\n\n"));
  assert.ok(tally.rows().length > 0, "nothing was tried");
});

test.run();
