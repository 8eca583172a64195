/** Makes that share one pool, measured by what they really run at the same time. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openJobPool, poolSize, type JobPool } from "../../../src/act/jobs/jobserver.ts";
import { run } from "../../../src/system/process/processes.ts";
import { until } from "../../until.ts";

/** Eight jobs, each of which notes its beginning and end, which comes when the gate is there. */
const makefile = `
jobs := 1 2 3 4 5 6 7 8
all: $(jobs)
$(jobs):
	@echo + >> $(NOTES); while test ! -e $(GATE); do sleep 0.05; done; echo - >> $(NOTES)
`;

const test = suite<{ directory: string; notes: string; gate: string }>("jobserver");
test.before.each((context) => {
  context.directory = fs.mkdtempSync(join(tmpdir(), "dkms-alpm-jobs-test-"));
  context.notes = join(context.directory, "notes");
  context.gate = join(context.directory, "gate");
  fs.writeFileSync(join(context.directory, "Makefile"), makefile);
});
test.after.each(({ directory }) => fs.rmSync(directory, { recursive: true }));

const never = new AbortController().signal;

/** Runs make as a member of the pool, as builds do. */
async function member(pool: JobPool, directory: string, signal = never): Promise<number> {
  const slots = await pool.take("one", signal);
  const { status } = await run(["make", `NOTES=${directory}/notes`, `GATE=${directory}/gate`], {
    cwd: directory,
    environment: { MAKEFLAGS: " -j --jobserver-auth=3,4" },
    descriptors: pool.descriptors ?? [],
    signal,
  });
  slots.release(status < 128 ? "ended" : "killed");
  return status;
}

/** The largest number of jobs that ran at once, by their notes. */
function mostAtOnce(notes: string): number {
  let now = 0;
  let most = 0;
  for (const sign of fs.readFileSync(notes, "utf8").trim().split("\n")) {
    now += sign === "+" ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

/** Waits until so many jobs run, and for a while in which more could begin; then lets all of them end. */
async function openGate(count: number, { notes, gate }: { notes: string; gate: string }): Promise<void> {
  await until(`${count} jobs run`, () => fs.existsSync(notes) && mostAtOnce(notes) >= count);
  await delay(200);
  fs.writeFileSync(gate, "");
}

test("a slot that is given back is taken at once, not when it is time to look", async () => {
  const pool = openJobPool(1);
  const first = await pool.take("one", never);
  const { setTimeout: real } = globalThis;
  globalThis.setTimeout = (() => undefined) as unknown as typeof setTimeout;
  try {
    const second = pool.take("one", never);
    await new Promise((fulfil) => setImmediate(fulfil));
    first.release("ended");
    (await second).release("ended");
  } finally {
    globalThis.setTimeout = real;
    pool.close();
  }
});

test("two makes of eight jobs on two slots never run more than two at once", async ({ directory, notes, gate }) => {
  const pool = openJobPool(2);
  const members = [member(pool, directory), member(pool, directory)];
  await openGate(2, { notes, gate });
  assert.equal(await Promise.all(members), [0, 0]);
  pool.close();
  assert.is(mostAtOnce(notes), 2);
  assert.is(fs.readFileSync(notes, "utf8").split("+").length - 1, 16);
});

test("one make alone uses all slots", async ({ directory, notes, gate }) => {
  const pool = openJobPool(4);
  const alone = member(pool, directory);
  await openGate(4, { notes, gate });
  await alone;
  pool.close();
  assert.is(mostAtOnce(notes), 4);
});

test("a killed make gives back what it had taken", async ({ directory, notes, gate }) => {
  const pool = openJobPool(3);
  const controller = new AbortController();
  const killed = member(pool, directory, controller.signal);
  await until("three jobs run", () => fs.existsSync(notes) && mostAtOnce(notes) === 3);
  controller.abort();
  assert.is(await killed, 137);
  fs.rmSync(notes);
  const next = member(pool, directory);
  await openGate(3, { notes, gate });
  await next;
  pool.close();
  assert.is(mostAtOnce(notes), 3);
});

test("while another make runs, a killed one's slots come back before the next begins", async ({
  directory,
  notes,
  gate,
}) => {
  const pool = openJobPool(3);
  const controller = new AbortController();
  const killed = member(pool, directory, controller.signal);
  await until("three jobs run", () => fs.existsSync(notes) && mostAtOnce(notes) === 3);
  // The killed one holds all slots; this one waits for them.
  const second = member(pool, directory);
  await delay(100);
  controller.abort();
  await killed;
  fs.writeFileSync(gate, "");
  assert.is(await second, 0);
  for (const path of [notes, gate]) fs.rmSync(path);
  const third = member(pool, directory);
  await openGate(3, { notes, gate });
  await third;
  pool.close();
  assert.is(mostAtOnce(notes), 3);
});

test("a command with jobs of its own gets all slots, and everybody gets a turn", async () => {
  const pool = openJobPool(2);
  const order: string[] = [];
  const one = await pool.take("one", never);
  const waiting = [
    pool.take("all", never).then((slots) => {
      order.push("all");
      slots.release("ended");
    }),
    pool.take("one", never).then((slots) => {
      order.push("one");
      slots.release("ended");
    }),
  ];
  await delay(50);
  assert.equal(order, []);
  one.release("ended");
  one.release("ended");
  await Promise.all(waiting);
  assert.equal(order, ["all", "one"]);
  const all = await pool.take("all", never);
  all.release("ended");
  pool.close();
});

test("waiting for a slot ends with an interruption, and nothing is lost", async () => {
  const pool = openJobPool(1);
  const held = await pool.take("one", never);
  const controller = new AbortController();
  const waiting = pool.take("one", controller.signal).then(
    () => "taken",
    (error: Error) => error.message,
  );
  controller.abort();
  assert.is(await waiting, "Interrupted.");
  held.release("ended");
  (await pool.take("all", never)).release("ended");
  pool.close();
});

test("no limit means no pool", async () => {
  const pool = openJobPool(0);
  assert.is(pool.descriptors, undefined);
  await Promise.all(Array.from({ length: 50 }, () => pool.take("all", never)));
  pool.close();
});

test("while memory is short, slots that are free are held back, and come back with it", async ({
  directory,
  notes,
  gate,
}) => {
  const told: number[] = [];
  let free = 1;
  const pool = openJobPool(4, undefined, { available: () => free, short: (bytes) => told.push(bytes) });
  const holder = await pool.take("one", never);
  await until("the pool has looked", () => told.length > 0);
  const first = member(pool, directory);
  holder.release("ended");
  await openGate(1, { notes, gate });
  await first;
  assert.is(mostAtOnce(notes), 1);
  assert.equal(told, [1]);
  free = 2 ** 32;
  const second = await pool.take("one", never);
  for (const path of [notes, gate]) fs.rmSync(path);
  const last = member(pool, directory);
  await openGate(3, { notes, gate });
  await last;
  assert.is(mostAtOnce(notes), 3);
  second.release("ended");
  pool.close();
});

for (const [processors, gibibytes, size] of [
  [8, 16, 8],
  [8, 1, 2],
  [4, 0.1, 1],
  [16, undefined, 16],
] as const) {
  test(`${processors} processors with ${gibibytes} GiB are good for ${size}`, () =>
    assert.is(poolSize(processors, gibibytes === undefined ? undefined : gibibytes * 2 ** 30), size));
}

test.run();
