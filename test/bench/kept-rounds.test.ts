/** Rounds that are measured in parts, and how many are measured in all. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keptRounds, type Taken } from "./kept-rounds.ts";
import { measure, type Measured } from "./measure.ts";

/** A command of which only its figures count: each run takes 100 ms more than the one before. */
function command(runs: string[], name: string): Measured {
  const run: Measured["run"] = () => {
    runs.push(name);
    const stderr = `figures 0.${runs.length} 0.5 0.25\n`;
    return Promise.resolve({ argv: [], status: 0, signal: null, stdout: "", stderr, output: stderr });
  };
  return { run, argv: ["true"] };
}

test("only rounds that are missing are measured, and the median is of all", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kept-rounds-"));
  try {
    const file = join(folder, "rows", "zfs.json");
    const open = () => keptRounds(file, { program: "a", processors: 2 });
    const runs: string[] = [];
    const part = async (count: number) => {
      const { earlier, keep } = open();
      const after = (round: Readonly<Record<"floor" | "ours", Taken>>) => Promise.resolve(keep(round));
      return measure({ floor: command(runs, "floor"), ours: command(runs, "ours") }, count, { earlier, after });
    };
    await part(1);
    assert.equal(runs, ["floor", "ours"]);
    const figures = await part(3);
    assert.equal(runs, ["floor", "ours", "floor", "ours", "floor", "ours"]);
    assert.equal(figures.ours, { wall: 400, leastWall: 200, cpu: 750, leastCpu: 750 });
    assert.is(open().earlier.length, 3);
    assert.is((await part(2)).ours.wall, 300);
    assert.is(runs.length, 6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a round that its caller refuses is not kept, and rounds of another program are no part of a median", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kept-rounds-"));
  try {
    const file = join(folder, "zfs.json");
    const refuse = (): Promise<void> => Promise.reject(new Error("not the same is installed"));
    const { earlier, keep } = keptRounds(file, { program: "a" });
    const measuring = measure({ ours: command([], "ours") }, 1, { earlier, after: refuse });
    await measuring.then(
      () => assert.unreachable(),
      (error: unknown) => assert.match(String(error), "not the same is installed"),
    );
    assert.equal(keptRounds(file, { program: "b" }).earlier, []);
    keep({ ours: { wall: 1, cpu: 1 } });
    assert.throws(() => keptRounds(file, { program: "b" }), /another program or machine/);
    assert.is(keptRounds(file, { program: "a" }).earlier.length, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
