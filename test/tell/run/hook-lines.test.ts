/** What a hook prints while it builds and installs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import type { Pair } from "../../../src/model/pair.ts";
import type { Ending, Event } from "../../../src/model/run/outcome.ts";
import type { Step } from "../../../src/model/run/plan.ts";
import { HookLines, type HookLinesOrder, type RunningBuild } from "../../../src/tell/run/hook-lines.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const pair = (module: string, release = "6.1"): Pair => ({ module: moduleId(module), kernel: kernel(release) });
const planned = (step: Step) => ({ step, reason: "", needs: [], after: [] });
const buildStep = (of: Pair): Step => ({ kind: "build", pair: of });
const installStep = (of: Pair): Step => ({ kind: "install", pair: of, replaces: [], yields: true });
const ended = (step: Step, ending: Ending, seconds = 3): Event => ({
  kind: "ended",
  outcome: { index: 0, planned: planned(step), ending, seconds },
});
const begins = (of: Pair): Event => ({ kind: "phase", pair: of, phase: "preparing", log: "", source: "" });
const three = ["a/1", "b/1", "c/1"].map((module) => planned(buildStep(pair(module))));
const lines = (order: Partial<HookLinesOrder> = {}): HookLines =>
  new HookLines({
    plan: { steps: three, findings: [] },
    verbosity: "brief",
    verb: "Building",
    last: () => undefined,
    ...order,
  });
const installing = (...pairs: readonly Pair[]): Pick<HookLinesOrder, "plan"> => ({
  plan: { steps: pairs.flatMap((one) => [planned(buildStep(one)), planned(installStep(one))]), findings: [] },
});
const texts = (found: readonly { readonly text: string }[]): readonly string[] => found.map(({ text }) => text);

test("a build is announced when it begins for good, and ends with one line when it is installed", () => {
  const zfs = pair("zfs/2");
  const told = lines({ last: () => 160, ...installing(zfs, pair("a/1"), pair("b/1")) });
  assert.equal(told.event({ kind: "begun", index: 0, planned: planned(buildStep(zfs)) }), []);
  assert.equal(texts(told.event(begins(zfs))), [
    "==> [1/3] Building zfs/2 for 6.1 (x86_64) (took 2 min 40 s last time)",
  ]);
  assert.equal(told.event({ ...begins(zfs), phase: "compiling" } as Event), []);
  assert.equal(told.event(ended(buildStep(zfs), { kind: "done", origin: "build" }, 161)), []);
  assert.equal(texts(told.event(ended(installStep(zfs), { kind: "done" }))), [
    "==> [1/3] Installed zfs/2 for 6.1 (x86_64) (built in 2 min 41 s)",
  ]);
});

test("a short build is not said to have been a longer one", () => {
  const told = lines({ last: () => 4, ...installing(pair("a/1")) });
  assert.equal(texts(told.event(begins(pair("a/1")))), [
    "==> [1/1] Building a/1 for 6.1 (x86_64) (took 4 s last time)",
  ]);
});

test("all results of the test build are one line", () => {
  const all = [pair("a/1"), pair("b/1"), pair("a/1", "6.6")];
  const told = lines(installing(...all));
  for (const one of all) {
    assert.equal(told.event(ended(buildStep(one), { kind: "done", origin: "test-build" })), []);
    assert.equal(told.event(ended(installStep(one), { kind: "done" })), []);
  }
  assert.ok(told.hasKnown);
  assert.equal(texts(told.known()), [
    "==> [3/3] Installed from the test build: a/1, b/1 for 6.1 (x86_64); a/1 for 6.6 (x86_64)",
  ]);
  assert.equal(told.known(), []);
});

test("a failure is told in full, and in one line when the test build has failed before", () => {
  const error = new DkmsError("make-failed", "Building bad/1 failed.", { excerpt: ["bad.c:1: error: x"], log: "/l" });
  const told = lines();
  assert.equal(texts(told.event(ended(buildStep(pair("bad/1")), { kind: "failed", error }))), [
    "==> ERROR: [1/3] Building bad/1 failed.",
    "  ->     bad.c:1: error: x",
    "  -> The log is /l",
  ]);
  const known = new DkmsError(error.code, error.message, { ...error.facts, isKnown: true });
  assert.equal(texts(told.event(ended(buildStep(pair("worse/1")), { kind: "failed", error: known }))), [
    "==> ERROR: [2/3] worse/1 for 6.1 (x86_64) is not built: its test build failed on the same inputs; the log is /l",
  ]);
});

test("what test builds say", () => {
  const told = lines({ verb: "Test-building" });
  const end = { pair: pair("a/1"), failed: false, seconds: 2, origin: "build" } as const;
  assert.equal(texts(told.event(begins(pair("a/1")))), ["==> [1/3] Test-building a/1 for 6.1 (x86_64)"]);
  assert.equal(texts(told.tested(end)), ["==> [1/3] a/1 for 6.1 (x86_64) builds (2.0 s)"]);
  assert.equal(texts(told.tested({ ...end, pair: pair("b/1"), failed: true })), [
    "==> [2/3] b/1 for 6.1 (x86_64) FAILS to build (2.0 s)",
  ]);
  assert.equal(told.tested({ ...end, pair: pair("c/1"), origin: "cache" }), []);
  assert.equal(texts(told.known()), ["==> [3/3] Known to build: c/1 for 6.1 (x86_64)"]);
});

test("what is said of one object is not said of the next one", () => {
  const told = lines();
  const note = (text: string): Event => ({ kind: "note", level: "warning", text });
  assert.is(told.event(note("/a/one.ko could not be signed: no key")).length, 1);
  assert.is(told.event(note("/a/two.ko could not be signed: no key")).length, 0);
  assert.is(told.event(note("/a/two.ko could not be signed: another reason")).length, 1);
});

test("signs of life tell how far each build is", () => {
  const running: RunningBuild = {
    pair: pair("zfs/2"),
    phase: "compiling",
    seconds: 41.2,
    compiled: 37,
    files: 112,
    isLinking: false,
  };
  const told = (changes: Partial<RunningBuild>): string =>
    texts(lines().heartbeat([{ ...running, ...changes }]))[0] ?? "";
  assert.is(told({}), "  -> zfs/2 for 6.1 (x86_64): 41 s, compiling 37 of 112");
  assert.match(told({ isLinking: true }), /linking$/);
  assert.match(told({ compiled: 0 }), /compiling$/);
  assert.match(told({ files: 9 }), /compiling, 37 files so far$/);
  assert.match(told({ phase: "configuring" }), /configuring$/);
});

test("a build that nobody installs has its line when it ends", () => {
  const told = lines();
  assert.equal(texts(told.event(ended(buildStep(pair("a/1")), { kind: "done", origin: "build" }))), [
    "==> [1/3] Built a/1 for 6.1 (x86_64) in 3.0 s",
  ]);
});

test.run();
