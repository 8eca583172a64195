import { test } from "uvu";
import * as assert from "uvu/assert";
import { isWorthASecondTry, SecondTries } from "../../src/act/second-tries.ts";
import { DkmsError, type ErrorCode } from "../../src/model/errors.ts";
import type { Ending } from "../../src/model/run/outcome.ts";
import type { Pair } from "../../src/model/pair.ts";
import type { Plan, PlannedStep, Step } from "../../src/model/run/plan.ts";
import { kernel, moduleId } from "../decide/world-builder.ts";

const pair = (module: string, release = "6.1"): Pair => ({ module: moduleId(module), kernel: kernel(release) });
const planned = (step: Step, ...needs: readonly number[]): PlannedStep => ({ step, reason: "", needs, after: [] });

/** Builds and installs these pairs, one after the other in the plan: the build of number n is at 2n. */
const planOf = (...pairs: readonly Pair[]): Plan => ({
  findings: [],
  steps: pairs.flatMap((one, index) => [
    planned({ kind: "build", pair: one }),
    planned({ kind: "install", pair: one, replaces: [], yields: false }, 2 * index),
  ]),
});

const done: Ending = { kind: "done" };
const failed = (code: ErrorCode = "make-failed"): Ending => ({ kind: "failed", error: new DkmsError(code, "no") });
const held = (ending: Ending) => ({ ending, seconds: 1 });

test("a build that fails waits for the other module of its kernel and is tried once more", () => {
  const tries = new SecondTries(planOf(pair("base/1"), pair("zdep/1")));
  const endings: (Ending | undefined)[] = [undefined, undefined, undefined, undefined];
  tries.begins(2, endings);
  assert.ok(tries.hold(2, held(failed()), endings));
  assert.is(tries.judge(2, endings).kind, "wait");
  endings[0] = done;
  endings[1] = done;
  const verdict = tries.judge(2, endings);
  assert.is(verdict.kind, "again");
  assert.match(
    verdict.kind === "again" ? verdict.warning : "",
    /zdep\/1 .*now that base\/1 is installed.*BUILD_DEPENDS/,
  );
  tries.begins(2, endings);
  assert.not(tries.hold(2, held(failed()), endings), "once, not for ever");
});

const rows: readonly (readonly [
  title: string,
  plan: Plan,
  endings: readonly (Ending | undefined)[],
  ending: Ending,
])[] = [
  ["no other module comes", planOf(pair("zdep/1")), [undefined, undefined], failed()],
  ["the other is for another kernel", planOf(pair("zdep/1"), pair("base/1", "6.2")), [], failed()],
  ["the other is another version of it", planOf(pair("zdep/1"), pair("zdep/2")), [], failed()],
  ["another module has no part in the failure", planOf(pair("zdep/1"), pair("base/1")), [], failed("file-failed")],
  ["it was interrupted", planOf(pair("zdep/1"), pair("base/1")), [], failed("interrupted")],
  [
    "the other was there from the start",
    planOf(pair("zdep/1"), pair("base/1")),
    [undefined, undefined, done, done],
    failed(),
  ],
];
for (const [title, plan, endings, ending] of rows) {
  test(`a failure is final at once where ${title}`, () => {
    const tries = new SecondTries(plan);
    tries.begins(0, endings);
    assert.not(tries.hold(0, held(ending), endings));
  });
}

test("where the other module fails as well, both failures count", () => {
  const tries = new SecondTries(planOf(pair("a/1"), pair("b/1")));
  const endings: (Ending | undefined)[] = [];
  for (const index of [0, 2]) tries.begins(index, endings);
  for (const index of [0, 2]) assert.ok(tries.hold(index, held(failed()), endings));
  for (const index of [0, 2]) {
    const verdict = tries.judge(index, endings);
    assert.is(verdict.kind, "over");
    endings[index] = verdict.kind === "over" ? verdict.held.ending : done;
    endings[index + 1] = failed();
  }
});

test("of several that wait, each is tried when the one before has come", () => {
  const tries = new SecondTries(planOf(pair("base/1"), pair("x/1"), pair("y/1")));
  const endings: (Ending | undefined)[] = [];
  for (const index of [0, 2, 4]) tries.begins(index, endings);
  for (const index of [2, 4]) assert.ok(tries.hold(index, held(failed()), endings));
  endings[0] = done;
  endings[1] = done;
  assert.is(tries.judge(2, endings).kind, "again");
  tries.begins(2, endings);
  assert.is(tries.judge(4, endings).kind, "wait");
  endings[2] = done;
  endings[3] = done;
  const last = tries.judge(4, endings);
  assert.match(last.kind === "again" ? last.warning : "", "now that base/1, x/1 is installed");
});

for (const [excerpt, isWorth] of [
  [["/b/a.c:4:2: error: #error no"], false],
  [["/b/a.c:4:2: error: x", "/b/a.c:9:1: error: y"], false],
  [["/b/frame.h:35: Error: Macro `frame' was already defined", "/tmp/ccmXQyJz.s:7: Error: no such instruction"], false],
  [["/b/a.c:4:10: fatal error: base.h: No such file or directory"], true],
  [['ERROR: modpost: "base_open" [/b/a.ko] undefined!'], true],
  [["/b/a.c:4:2: error: x", "make: *** No rule to make target 'b'.  Stop."], true],
  [[], true],
] as const) {
  test(`a second try after ${excerpt.join(", ") || "no word"}: ${isWorth}`, () =>
    assert.is(isWorthASecondTry("make-failed", { excerpt }), isWorth));
}

test("what the test build has seen fail had its second try", () => {
  assert.not(isWorthASecondTry("make-failed", { isKnown: true }));
});

test.run();
