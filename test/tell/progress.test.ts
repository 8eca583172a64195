import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Ending, Event } from "../../src/model/run/outcome.ts";
import type { PlannedStep } from "../../src/model/run/plan.ts";
import { initialProgress, nextProgress, progressLine } from "../../src/tell/progress.ts";
import { kernel, moduleId } from "../decide/world-builder.ts";

const build = (module: string): PlannedStep => ({
  step: { kind: "build", pair: { module: moduleId(module), kernel: kernel("6.1") } },
  reason: "",
  needs: [],
  after: [],
});
const plan = { steps: [build("zfs/2"), build("nvidia/5")], findings: [] };
const begun = (index: number): Event => ({ kind: "begun", index, planned: plan.steps[index] ?? build("none/1") });
const ended = (index: number, ending: Ending): Event => ({
  kind: "ended",
  outcome: { index, planned: plan.steps[index] ?? build("none/1"), ending, seconds: 1 },
});

test("tells what is being built, for how long, and what has ended", () => {
  let state = nextProgress(initialProgress(plan), begun(0), 1000);
  assert.is(progressLine(state, 4200, 80), "[0/2] building zfs/2 6.1 3 s");
  state = nextProgress(state, begun(1), 4000);
  assert.is(progressLine(state, 5000, 80), "[0/2] building zfs/2 6.1 4 s, nvidia/5 6.1 1 s");
  state = nextProgress(state, ended(0, { kind: "done" }), 6000);
  assert.is(progressLine(state, 6000, 80), "[1/2] building nvidia/5 6.1 2 s");
});

test("is empty when nothing is being built, and never wider than the terminal", () => {
  assert.is(progressLine(initialProgress(plan), 0, 80), "");
  const state = nextProgress(initialProgress(plan), begun(0), 0);
  for (const columns of [1, 2, 10, 20]) assert.ok(progressLine(state, 0, columns).length < Math.max(columns, 2));
});

test.run();
