/** What a terminal shows below the lines of a run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initialProgress, nextProgress, progressLines, type ShownBuild } from "../../../src/tell/run/progress.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const build: ShownBuild = {
  pair: { module: moduleId("zfs/2"), kernel: kernel("6.1") },
  phase: "compiling",
  seconds: 41.4,
  compiled: 37,
  files: 112,
  isLinking: false,
  last: 160,
};
const state = { total: 9, ended: 3, failed: 1, builds: 2 };

test("a bar over all steps, and a line for each build with phase, time and estimate", () => {
  const nvidia = { ...build, pair: { ...build.pair, module: moduleId("nvidia/550") }, compiled: 0, last: undefined };
  assert.equal(progressLines(state, [build, nvidia], 80), [
    "[============>                    ] 3/9 steps, 1 failed, about 1 min 59 s left",
    " zfs/2 6.1       compiling 37 of 112    41 s of about 2 min 40 s",
    " nvidia/550 6.1  compiling              41 s",
  ]);
});

test("no time is promised while builds have not begun", () => {
  assert.match(progressLines({ ...state, builds: 3 }, [build, build], 80)[0] ?? "", /3\/9 steps, 1 failed$/);
});

test("nothing when nothing is at work, and never wider than the terminal", () => {
  assert.equal(progressLines(state, [], 80), []);
  for (const columns of [2, 10, 20, 60, 80, 120])
    for (const line of progressLines(state, [build], columns)) assert.ok(line.length < columns, `${columns}: ${line}`);
});

test("steps that ended and failed are counted", () => {
  const step = { kind: "build", pair: build.pair } as const;
  const planned = { step, reason: "", needs: [], after: [] };
  const start = initialProgress({ steps: [planned, planned], findings: [] });
  const outcome = { index: 0, planned, ending: { kind: "done" }, seconds: 1 } as const;
  assert.equal(nextProgress(start, { kind: "ended", outcome }), { total: 2, ended: 1, failed: 0, builds: 1 });
});

test("no control character of a name gets to the terminal", () => {
  const module = { ...build.pair.module, version: "2\u001b[31m" as never };
  for (const line of progressLines(state, [{ ...build, pair: { ...build.pair, module } }], 100))
    assert.not.match(line, "\u001b");
});

test.run();
