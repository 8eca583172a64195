import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { kernelHasModule } from "../../../src/model/machine/own-module.ts";
import type { Ending, Outcome } from "../../../src/model/run/outcome.ts";
import type { Pair } from "../../../src/model/pair.ts";
import type { PlannedStep, Step } from "../../../src/model/run/plan.ts";
import { mergeReports, parseReport } from "../../../src/model/health/transaction-report.ts";
import { reportLines } from "../../../src/tell/report/lines.ts";
import { makeReport } from "../../../src/tell/report/transaction-report.ts";
import { decide } from "../../../src/decide/plan/plan.ts";
import { architecture } from "../../../src/model/names.ts";
import { kernel, moduleId, world } from "../../decide/world-builder.ts";

const state = world({ kernels: [{ release: "6.1" }], modules: [] });
const pair = (module: string): Pair => ({ module: moduleId(module), kernel: kernel("6.1") });
const outcome = (step: Step, ending: Ending): Outcome => {
  const planned: PlannedStep = { step, reason: "", needs: [], after: [] };
  return { index: 0, planned, ending, seconds: 1 };
};
const install = (module: string, ending: Ending): Outcome =>
  outcome({ kind: "install", pair: pair(module), replaces: [], yields: true }, ending);
const build = (module: string, ending: Ending): Outcome => outcome({ kind: "build", pair: pair(module) }, ending);
const failure: Ending = {
  kind: "failed",
  error: new DkmsError("make-failed", "Building bad/1 failed.", {
    excerpt: ["bad.c:1: error: no"],
    log: "/var/log/x.log",
  }),
};
const report = (outcomes: readonly Outcome[], installed: readonly Pair[] = [], transaction = "1:2") =>
  makeReport({
    transaction,
    world: state,
    plan: { steps: [], findings: [] },
    outcomes,
    kept: [],
    installed,
    lost: [],
    warnings: [],
  });
const text = (outcomes: readonly Outcome[], installed: readonly Pair[] = []): string =>
  reportLines(report(outcomes, installed))
    .map((line) => line.text)
    .join("\n");

test("nothing to do: no word", () => assert.is(text([]), ""));

test("all well: one line", () =>
  assert.is(text([install("zfs/2", { kind: "done" })]), "==> DKMS: 1 module installed for 1 kernel."));

test("pairs of one kernel release and two architectures are reported each for itself", () => {
  const other: Pair = { module: moduleId("zfs/2"), kernel: { ...kernel("6.1"), arch: architecture("i686") } };
  const both = report([install("zfs/2", { kind: "done" }), outcome({ kind: "build", pair: other }, failure)]);
  assert.equal(
    both.pairs.map(({ arch, result }) => `${arch} ${result}`),
    ["x86_64 installed", "i686 failed"],
  );
});

test("a kernel that keeps its own module is no problem, and the way to the other one is told", () => {
  const remark = kernelHasModule(pair("zfs/2"), ["/usr/lib/modules/6.1/kernel/fs/zfs.ko"]);
  const own: Ending = { kind: "unchanged", why: remark.message, remark };
  const expected = [
    "==> DKMS: zfs/2 for linux 6.1 is not installed, since the kernel has that module itself. The kernel's own module is used: /usr/lib/modules/6.1/kernel/fs/zfs.ko.",
    "  -> To use zfs/2 instead: dkms install --force zfs/2 -k 6.1",
  ].join("\n");
  assert.is(text([install("zfs/2", own)]), expected);
  assert.ok(text([install("zfs/2", own), build("bad/1", failure)]).includes(expected));
});

test("a failure names module, kernel, compiler error, log, what is installed and what to do", () => {
  const words = text([build("bad/1", failure), install("zfs/2", { kind: "done" })]);
  const parts = ["bad/1 for linux 6.1", "bad.c:1: error: no", "/var/log/x.log", "installed: no version of bad"];
  for (const part of parts) assert.ok(words.includes(part), `${part} in ${words}`);
  assert.match(words, "once that is fixed: dkms install bad/1 -k 6.1");
});

const inPlace: readonly (readonly [what: string, installed: string, words: string])[] = [
  ["another version", "bad/1", "installed: bad/1\n"],
  ["an earlier build", "bad/2", "installed: bad/2 from an earlier build\n"],
];
for (const [what, installed, words] of inPlace) {
  test(`${what} that stays in place of a failed one is named`, () => {
    assert.match(text([build("bad/2", failure), build("bad/3", failure)], [pair(installed)]), words);
  });
}

test("without headers every module that is wanted for the kernel is named", () => {
  const bare = world({
    kernels: [{ release: "6.1", headers: "no" }],
    modules: [
      { module: "zfs/2" },
      { module: "wl/1", installed: ["6.1"] },
      { module: "evdi/1" },
      { module: "off/1", autoinstall: "no" },
      { module: "older/1", excluded: ["6.1"] },
      { module: "prebuilt/2" },
      { module: "own/1", built: ["6.1"], yieldsTo: "/own.ko" },
    ],
    supplies: [{ module: "prebuilt/2", release: "6.1" }],
  });
  const plan = decide(bare, {
    kind: "transaction-install",
    scope: { releases: new Set(["6.1"]), sourceDirectories: new Set() },
  });
  const nothing = { outcomes: [], kept: [], lost: [], warnings: [] };
  const made = makeReport({ transaction: "1:2", world: bare, plan, installed: [pair("wl/1")], ...nothing });
  assert.equal(made.pairs.map(({ module, result }) => `${module} ${result}`).toSorted(), [
    "evdi failed",
    "older skipped",
    "prebuilt skipped",
    "zfs failed",
  ]);
});

test("a report names the version that is installed nevertheless", () => {
  const { pairs } = report(
    [build("bad/2", failure), install("zfs/2", { kind: "done" })],
    [pair("bad/1"), pair("zfs/2")],
  );
  assert.equal(
    pairs.map(({ module, installedVersion }) => [module, installedVersion]),
    [
      ["bad", "1"],
      ["zfs", undefined],
    ],
  );
});

const former = (outcomes: readonly Outcome[]) =>
  makeReport({
    transaction: "1:2",
    world: state,
    plan: { steps: [], findings: [] },
    outcomes,
    kept: [pair("zfs/1")],
    installed: [pair("zfs/1")],
    lost: [],
    warnings: [],
  });

test("a former version that is kept until its successor is in place is told, and is no problem", () => {
  const kept = former([]);
  assert.equal(
    kept.pairs.map(({ module, version, kernel: release, result }) => [module, version, release, result]),
    [["zfs", "1", "6.1", "kept"]],
  );
  assert.equal(parseReport(JSON.stringify(kept)), kept);
  assert.equal(reportLines(kept), [
    { stream: "out", text: "==> DKMS: 1 module of a former version kept for 1 kernel." },
  ]);
});

test("what is kept stands beside what is installed; a run that takes it away after all has the last word", () => {
  const [line] = reportLines(former([install("bad/1", { kind: "done" })]));
  assert.is(line?.text, "==> DKMS: 1 module installed for 1 kernel, 1 module of a former version kept for 1 kernel.");
  const removal = former([outcome({ kind: "unbuild", pair: pair("zfs/1") }, { kind: "done" })]);
  assert.is(reportLines(removal)[0]?.text, "==> DKMS: 1 module removed from 1 kernel.");
});

test("hooks of one transaction add up, what a later one says of a pair counts; another transaction starts anew", () => {
  const first = report([build("bad/1", failure)]);
  const second = report([install("bad/1", { kind: "done" }), install("zfs/2", { kind: "done" })]);
  assert.equal(
    mergeReports(first, second).pairs.map(({ module, result }) => `${module} ${result}`),
    ["bad installed", "zfs installed"],
  );
  const other = report([install("zfs/2", { kind: "done" })], [], "3:4");
  assert.is(mergeReports(first, other), other);
});

test("survives JSON; nonsense is no report", () => {
  const made = report([build("bad/1", failure)]);
  assert.equal(parseReport(JSON.stringify(made)), made);
  for (const nonsense of ["", "null", "[]", "{", '{"format":2}', '{"format":1,"transaction":"1:2"}']) {
    assert.is(parseReport(nonsense), undefined);
  }
});

test("control characters from a compiler's output do not reach the terminal", () => {
  const error = new DkmsError("make-failed", "failed", { excerpt: ["\u001b[2Jbad.c:1"] });
  assert.not.match(text([build("bad/1", { kind: "failed", error })]), /\u001b/);
});

test("the command that has just failed is no advice, one for another version is", () => {
  const failed = {
    module: "zfs",
    version: "2.2",
    kernel: "6.1",
    arch: "x86_64",
    result: "failed",
    message: "no",
  } as const;
  const fixes = (fix: string): readonly string[] => {
    const problems = [{ what: "zfs is not installed.", boot: true, fix }];
    const found = { modules: [], kernelsOwn: [], excluded: [], kernelFiles: [], images: [] };
    const unready = {
      kernel: "6.1",
      arch: "x86_64",
      verdict: "not-ready",
      problems,
      remarks: [],
      unchecked: [],
    } as const;
    const boot = { kernels: [{ ...found, ...unready }], required: [] };
    const lines = reportLines({ format: 1, transaction: "1:2", pairs: [failed], problems: [], boot });
    return lines.map((line) => line.text).filter((line) => line.includes("Fix:"));
  };
  assert.equal(fixes("dkms install zfs/2.2 -k 6.1"), []);
  assert.equal(fixes("dkms install zfs/2.2.2 -k 6.1"), ["     Fix: dkms install zfs/2.2.2 -k 6.1"]);
});

test.run();
