/** The judgement of a test before a transaction. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as fc from "fast-check";
import {
  completeVerdicts,
  judgeTransaction,
  settledVerdicts,
  type GuardPolicies,
} from "../../../src/decide/guard/judgement.ts";
import { requiredModules } from "../../../src/decide/boot/required.ts";
import {
  afterTransaction,
  arrivingOf,
  indexedLater,
  plannedPairs,
  scopeOf,
  verdictsOfPlan,
} from "../../../src/decide/guard/world.ts";
import { decide } from "../../../src/decide/plan/plan.ts";
import { arrivalsOf } from "../../../src/decide/guard/arrivals.ts";
import type { KernelFacts } from "../../../src/model/boot/facts.ts";
import type {
  BootNeeds,
  GuardMachine,
  Incoming,
  IncomingPackage,
  StuckKernel,
  Tested,
  Verdict,
} from "../../../src/model/guard/guard.ts";
import type { ErrorCode } from "../../../src/model/errors.ts";
import type { Pair } from "../../../src/model/pair.ts";
import { guardLines } from "../../../src/tell/guard.ts";
import { Losses } from "../../../src/decide/guard/losses.ts";
import { absent, installed, kernelFacts, object } from "../boot/facts-builder.ts";
import { kernel, moduleId, world, words } from "../world-builder.ts";

const pair = (module: string, release: string): Pair => ({ module: moduleId(module), kernel: kernel(release) });
const error = (
  code: ErrorCode = "make-failed",
  excerpt: readonly string[] = [],
): Extract<Verdict, { kind: "fails" }> => ({
  kind: "fails",
  error: { code, message: "It failed.", facts: { excerpt } },
});
const builds: Verdict = { kind: "builds" };
const unknown: Verdict = { kind: "unknown", why: "nobody knows" };

function incomingPackage(name: string, changes: Partial<IncomingPackage> = {}): IncomingPackage {
  const nothing = {
    headers: [],
    kernels: [],
    sourceDirectories: [],
    supplies: [],
    leavingDirectories: [],
    leavingHeaders: [],
    isToolchain: false,
  };
  return { name, version: "2-1", archive: `/${name}`, size: 1, ...nothing, ...changes };
}

const linuxHeaders = incomingPackage("linux-headers", { headers: ["2"] });

function incoming(changes: Partial<Incoming> = {}): Incoming {
  return {
    packages: [linuxHeaders],
    missing: [],
    kernelPackages: new Map([["2", "linux"]]),
    kernels: new Set(["2"]),
    headers: new Set(["2"]),
    sourceDirectories: new Set(),
    toolchain: [],
    ...changes,
  };
}

/** A kernel for which these modules are installed, as far as the tree tells. */
function having(release: string, pkgbase: string | undefined, ...names: readonly string[]): KernelFacts {
  const modules = names.map((name) => ({
    name,
    presence: { kind: "installed", id: moduleId(`${name}/1`), objects: [] } as const,
  }));
  return { ...kernelFacts(release, modules), pkgbase };
}

/** A kernel for which these modules are to be built. */
function awaiting(release: string, pkgbase: string | undefined, ...names: readonly string[]): KernelFacts {
  const modules = names.map((name) =>
    absent(name, { kind: "missing", id: moduleId(`${name}/1`), cause: { kind: "not-installed" } }),
  );
  return { ...kernelFacts(release, modules), pkgbase };
}

/** Kernel 1 of `linux` has zfs and wl; kernel 2 of `linux` arrives. */
const lts = having("1-lts", "linux-lts");
const machine: GuardMachine = {
  before: [having("1", "linux", "zfs", "wl"), lts],
  after: [awaiting("2", "linux", "zfs", "wl"), lts],
  modules: [
    { name: "zfs", directory: "zfs-1" },
    { name: "wl", directory: "wl-1" },
    { name: "fresh", directory: "fresh-1" },
  ],
  arriving: new Set(["2"]),
  withoutHeaders: new Set(),
  stuck: [],
};

/** A kernel that stays and has no headers afterwards. */
function stuck(release: string, changes: Partial<StuckKernel>): StuckKernel {
  return { kernel: kernel(release), others: ["2"], losesHeaders: false, notBuilt: [], ...changes };
}

const needs: BootNeeds = { named: ["zfs", "fresh"], hooked: new Map(), owned: new Map(), rootType: "ext4" };
const policies: GuardPolicies = { policy: "required", unknown: "warn" };

interface Row {
  readonly title: string;
  readonly verdicts: readonly (readonly [string, string, Verdict])[];
  readonly policies?: Partial<GuardPolicies>;
  readonly incoming?: Partial<Incoming>;
  readonly machine?: Partial<GuardMachine>;
  readonly obstacle?: string;
  /** Kind and effect of each finding. */
  readonly findings: string;
  readonly decision?: "refuse";
}

const rows: readonly Row[] = [
  {
    title: "all build",
    verdicts: [
      ["zfs/1", "2", builds],
      ["wl/1", "2", builds],
    ],
    findings: "",
  },
  { title: "a required one fails", verdicts: [["zfs/1", "2", error()]], findings: "fails refuses", decision: "refuse" },
  { title: "another one fails", verdicts: [["wl/1", "2", error()]], findings: "fails warns" },
  {
    title: "another one fails, and all matter",
    verdicts: [["wl/1", "2", error()]],
    policies: { policy: "all" },
    findings: "fails refuses",
    decision: "refuse",
  },
  {
    title: "only warnings are wanted",
    verdicts: [["zfs/1", "2", error()]],
    policies: { policy: "warn", unknown: "refuse" },
    findings: "fails warns",
  },
  { title: "unknown", verdicts: [["zfs/1", "2", unknown]], findings: "unknown warns" },
  {
    title: "unknown, and that refuses",
    verdicts: [["zfs/1", "2", unknown]],
    policies: { unknown: "refuse" },
    findings: "unknown refuses",
    decision: "refuse",
  },
  {
    title: "unknown of another one",
    verdicts: [["wl/1", "2", unknown]],
    policies: { unknown: "refuse" },
    findings: "unknown warns",
  },
  {
    title: "a new compiler",
    verdicts: [["zfs/1", "2", error()]],
    incoming: { toolchain: ["gcc"] },
    findings: "unknown warns",
  },
  {
    title: "a new compiler, and it builds",
    verdicts: [["zfs/1", "2", builds]],
    incoming: { toolchain: ["gcc"] },
    findings: "",
  },
  {
    title: "no space",
    verdicts: [["zfs/1", "2", error("make-failed", ["cc: No space left on device"])]],
    findings: "unknown warns",
  },
  {
    title: "a program is missing",
    verdicts: [["zfs/1", "2", error("make-failed", ["/bin/sh: 1: bc: not found"])]],
    findings: "unknown warns",
  },
  {
    title: "a header is missing",
    verdicts: [["zfs/1", "2", error("make-failed", ["a.c:1:10: fatal error: linux/x.h: No such file or directory"])]],
    findings: "fails refuses",
    decision: "refuse",
  },
  { title: "trouble with files", verdicts: [["zfs/1", "2", error("file-failed")]], findings: "unknown warns" },
  {
    title: "left out, though it is there now",
    verdicts: [["zfs/1", "2", { kind: "skipped", why: "too new" }]],
    findings: "skipped refuses",
    decision: "refuse",
  },
  {
    title: "left out, and nobody needs it",
    verdicts: [["wl/1", "2", { kind: "skipped", why: "too new" }]],
    findings: "",
  },
  { title: "never was there for that kernel", verdicts: [["zfs/1", "1-lts", error()]], findings: "fails warns" },
  {
    title: "required and new to the machine",
    verdicts: [["fresh/1", "1", error()]],
    machine: { after: [having("1", "linux", "zfs", "wl")] },
    findings: "fails warns",
  },
  {
    title: "the kernel has the module itself",
    verdicts: [["zfs/1", "2", error()]],
    machine: { after: [kernelFacts("2", [absent("zfs", { kind: "kernels-own", builtIn: true })])] },
    findings: "fails warns",
  },
  {
    title: "its object is not the one that was built, and it is there to be lost",
    verdicts: [["zfs/1", "2", error()]],
    machine: { before: [kernelFacts("1", [installed("zfs/1", "1", { bytes: "altered" })])] },
    findings: "fails refuses",
    decision: "refuse",
  },
  {
    title: "its object was for another kernel, so nothing is lost",
    verdicts: [["zfs/1", "2", error()]],
    machine: { before: [kernelFacts("1", [installed("zfs/1", "1", { vermagic: "0.9 SMP" })])] },
    findings: "fails warns",
  },
  {
    title: "its object was deleted, so nothing is lost",
    verdicts: [["zfs/1", "2", error()]],
    machine: { before: [kernelFacts("1", [installed("zfs/1", "1", { bytes: "absent" })])] },
    findings: "fails warns",
  },
  {
    title: "a kernel of a package that nobody knows",
    verdicts: [["zfs/1", "3", error()]],
    machine: { after: [awaiting("3", undefined, "zfs")] },
    findings: "fails refuses",
    decision: "refuse",
  },
  {
    title: "no headers",
    verdicts: [],
    incoming: { headers: new Set(), packages: [] },
    machine: { withoutHeaders: new Set(["2"]) },
    findings: "no-headers refuses",
    decision: "refuse",
  },
  {
    title: "no headers for a kernel without modules",
    verdicts: [],
    incoming: { kernelPackages: new Map([["2-lts", "linux-lts"]]) },
    machine: { after: [awaiting("2-lts", "linux-lts", "zfs")], withoutHeaders: new Set(["2-lts"]) },
    findings: "",
  },
  {
    title: "no headers, and only others are lost",
    verdicts: [],
    machine: { withoutHeaders: new Set(["2"]), before: [having("1", "linux", "wl")] },
    findings: "no-headers warns",
  },
  {
    title: "a kernel that stays loses its headers, and keeps its modules",
    verdicts: [],
    machine: { after: [having("1", "linux", "zfs", "wl"), lts], stuck: [stuck("1", { losesHeaders: true })] },
    findings: "no-headers warns",
  },
  {
    title: "a kernel that stays loses its headers, and has no modules",
    verdicts: [],
    machine: { before: [lts], after: [lts], stuck: [stuck("1", { losesHeaders: true })] },
    findings: "",
  },
  {
    title: "a kernel that stays has no headers for a new version",
    verdicts: [],
    machine: { after: [having("1", "linux", "zfs"), lts], stuck: [stuck("1", { notBuilt: [pair("zfs/2", "1")] })] },
    policies: { policy: "all" },
    findings: "no-headers warns",
  },
  {
    title: "an archive is missing",
    verdicts: [],
    incoming: { missing: ["usr/src/zfs-2/dkms.conf"] },
    findings: "untested warns",
  },
  {
    title: "a required one fails, and its new source was not found",
    verdicts: [["zfs/1", "2", error()]],
    incoming: { missing: ["usr/src/zfs-2/dkms.conf"] },
    findings: "unknown warns, untested warns",
  },
  {
    title: "a required one is left out, and its new source was not found",
    verdicts: [["zfs/1", "2", { kind: "skipped", why: "too new" }]],
    incoming: { missing: ["usr/src/zfs-2/dkms.conf"] },
    findings: "unknown warns, untested warns",
  },
  {
    title: "a required one fails, and the new source of another one was not found",
    verdicts: [["zfs/1", "2", error()]],
    incoming: { missing: ["usr/src/wl-2/dkms.conf"] },
    findings: "fails refuses, untested warns",
    decision: "refuse",
  },
  { title: "the test cannot be made", verdicts: [], obstacle: "no sandbox", findings: "untested warns" },
  {
    title: "the test cannot be made, that refuses, and nothing is required",
    verdicts: [],
    obstacle: "no sandbox",
    machine: { before: [having("1", "linux", "wl")] },
    policies: { unknown: "refuse" },
    findings: "untested warns",
  },
  {
    title: "the test cannot be made, and that refuses",
    verdicts: [],
    obstacle: "no sandbox",
    policies: { unknown: "refuse" },
    findings: "untested refuses",
    decision: "refuse",
  },
];

for (const row of rows) {
  test(row.title, () => {
    const tested: Tested = {
      machine: { ...machine, ...row.machine },
      verdicts: row.verdicts.map(([module, release, verdict]) => ({ pair: pair(module, release), verdict })),
      obstacle: row.obstacle,
    };
    const evidence = { incoming: incoming(row.incoming), tested, needs };
    const { decision, findings } = judgeTransaction(evidence, { ...policies, ...row.policies });
    assert.is(findings.map(({ kind, effect }) => `${kind} ${effect}`).join(", "), row.findings);
    assert.is(decision, row.decision ?? "go-on");
  });
}

test("a policy that warns never refuses, whatever is found", () => {
  const verdict = fc.constantFrom<Verdict>(builds, unknown, error(), error("patch-failed"), {
    kind: "skipped",
    why: "",
  });
  fc.assert(
    fc.property(
      fc.array(verdict),
      fc.option(fc.string(), { nil: undefined }),
      fc.array(fc.string()),
      (found, obstacle, missing) => {
        const verdicts = found.map((one) => ({ pair: pair("zfs/1", "2"), verdict: one }));
        const tested: Tested = { machine, verdicts, obstacle };
        const evidence = { incoming: incoming({ missing }), tested, needs };
        assert.is(judgeTransaction(evidence, { policy: "warn", unknown: "refuse" }).decision, "go-on");
      },
    ),
  );
});

test("what a new compiler may cure is not known to be lost, for removals neither", () => {
  const tested: Tested = {
    machine,
    verdicts: [{ pair: pair("zfs/1", "2"), verdict: error() }],
    obstacle: undefined,
  };
  const lacks = (toolchain: readonly string[]): readonly string[] => {
    const verdicts = settledVerdicts(tested, incoming({ toolchain }));
    const [arriving] = arrivalsOf({ ...tested, verdicts }, incoming()).kernels;
    return (arriving?.modules ?? []).flatMap(({ name, presence }) => (presence.kind === "missing" ? name : []));
  };
  assert.equal(lacks(["gcc"]), ["wl"]);
  assert.equal(lacks([]), ["wl", "zfs"]);
});

test("what is required, and why", () => {
  const modules = ["zfs", "wl", "vboxhost", "bcachefs", "other"].map(
    (name) => ({ name, directory: `${name}-1` }) as const,
  );
  const found = requiredModules(
    {
      named: ["wl-dkms"],
      hooked: new Map([
        ["zfs-dkms-git", "90-a.hook"],
        ["virtualbox-host-dkms", "90-b.hook"],
      ]),
      owned: new Map([["virtualbox-host-dkms", ["vboxhost-1"]]]),
      rootType: "bcachefs",
    },
    modules,
  );
  assert.equal([...found.keys()].toSorted(), ["bcachefs", "vboxhost", "wl", "zfs"]);
  assert.match(found.get("zfs") ?? "", "90-a.hook");
});

test("pairs that a test did not get to are unknown", () => {
  const [first, second] = [pair("zfs/1", "2"), pair("wl/1", "2")];
  const all = completeVerdicts([first, second], [{ pair: first, verdict: builds }], "no time");
  assert.equal(
    all.map(({ verdict }) => verdict),
    [builds, { kind: "unknown", why: "no time" }],
  );
});

test("the planner sees the machine without what leaves", () => {
  const seen = world({
    kernels: [{ release: "1" }, { release: "2" }, { release: "1-lts", pkgbase: "linux-lts" }],
    modules: [
      { module: "zfs/1", installed: ["1"] },
      { module: "zfs/2", registered: "no" },
      { module: "wl/1", installed: ["1"] },
    ],
  });
  const coming = incoming({
    packages: [
      linuxHeaders,
      incomingPackage("zfs-dkms", { sourceDirectories: ["zfs-2"], leavingDirectories: ["zfs-1"] }),
    ],
    sourceDirectories: new Set(["zfs-2"]),
  });
  const request = { kind: "transaction-install", scope: scopeOf(coming) } as const;
  const plan = decide(afterTransaction(seen, coming), request);
  assert.equal(
    plannedPairs(plan).map(({ module, kernel: { release } }) => `${module.name}/${module.version} ${release}`),
    ["zfs/2 2", "wl/1 2", "zfs/2 1-lts"],
  );
  assert.ok(words(plan).includes("Build zfs/2 for 2"));
  const before = { kernels: seen.kernels.filter(({ release }) => release !== "2") };
  const facts = arrivingOf(before, seen, coming);
  assert.equal([...facts.arriving], ["2"]);
  assert.equal([...facts.withoutHeaders], []);
});

test("headers that come without their kernel take those of the kernel that stays with them", () => {
  const seen = world({
    kernels: [{ release: "1" }, { release: "2", pkgbase: "none", modules: "absent" }],
    modules: [
      { module: "zfs/1", installed: ["1"] },
      { module: "zfs/2", registered: "no" },
      { module: "wl/1", installed: ["1"] },
      { module: "new/1", registered: "no", excluded: ["1"] },
    ],
  });
  const headers = { ...linuxHeaders, leavingHeaders: ["1"] };
  const alone = incoming({ packages: [headers], kernels: new Set() });
  const request = { kind: "transaction-install", scope: scopeOf(alone) } as const;
  const plan = decide(afterTransaction(seen, alone), request);
  assert.equal(words(plan), ["warning headers-missing"]);
  assert.match(plan.findings[0]?.error.message ?? "", "zfs/1, wl/1 stay installed there, and no module can be built");
  const [found] = arrivingOf(seen, seen, alone).stuck;
  assert.equal(found, { kernel: kernel("1"), others: ["2"], losesHeaders: true, notBuilt: [] });

  const withModules = { ...alone, sourceDirectories: new Set(["zfs-2", "new-1"]) };
  const [both] = arrivingOf(seen, seen, withModules).stuck;
  assert.equal(both?.notBuilt, [pair("zfs/2", "1")]);
  const judgement = judgeTransaction(
    {
      incoming: withModules,
      tested: { machine: { ...machine, ...arrivingOf(seen, seen, withModules) }, verdicts: [], obstacle: undefined },
      needs,
    },
    policies,
  );
  assert.equal(
    guardLines(judgement, { words: [], operation: "other" }).map(({ text }) => text),
    [
      "==> WARNING: Kernel 1: its headers are replaced by those of 2, which is another release, so zfs/2 cannot be built for it; what is installed there stays (wl, zfs).",
    ],
  );
  // Where the same transaction brings the kernel, nothing is lost.
  assert.equal(arrivingOf(seen, seen, incoming({ packages: [headers] })).stuck, []);
});

test("an incoming kernel belongs to its package, though neither its files nor pacman's database say so", () => {
  const seen = world({ kernels: [{ release: "2", pkgbase: "none" }], modules: [{ module: "zfs/1" }] });
  const plan = decide(afterTransaction(seen, incoming()), {
    kind: "transaction-install",
    scope: scopeOf(incoming()),
  });
  assert.equal(
    plannedPairs(plan).map(({ module }) => module.name),
    ["zfs"],
  );
});

test("what the plan says by itself", () => {
  const seen = world({
    kernels: [{ release: "2" }],
    modules: [
      { module: "wl/1", excluded: ["2"] },
      { module: "leaning/1", buildDepends: ["nothing"] },
    ],
  });
  const plan = decide(seen, { kind: "transaction-install", scope: scopeOf(incoming()) });
  const kinds = verdictsOfPlan(plan).map(({ pair: { module }, verdict }) => `${module.name} ${verdict.kind}`);
  assert.equal(kinds, ["wl skipped", "leaning fails"]);
});

test("a refusal names the packages, the reason, the log and the ways out", () => {
  const verdict: Verdict = {
    kind: "fails",
    error: {
      code: "make-failed",
      message: "Building zfs/1 for 2 failed.",
      facts: { excerpt: ["a.c:1: error: \u001b[31mno"], log: "/log" },
    },
  };
  const tested: Tested = { machine, verdicts: [{ pair: pair("zfs/1", "2"), verdict }], obstacle: undefined };
  const judgement = judgeTransaction({ incoming: incoming(), tested, needs }, policies);
  const text = (command: string, operation: "sync" | "upgrade"): string =>
    guardLines(judgement, { words: command.split(" "), operation })
      .map((line) => line.text)
      .join("\n");
  const sync = text("pacman -Syu", "sync");
  for (const part of [
    "Building zfs/1 for 2 failed",
    "a.c:1: error: ?[31mno",
    "/log",
    "it is named by",
    "pacman -Syu --ignore linux,linux-headers",
    "DKMS_GUARD=warn pacman -Syu",
  ])
    assert.match(sync, part);
  assert.match(text("pacman -U a", "upgrade"), "leave out: linux linux-headers");
});

test("a prebuilt object of an incoming kernel is not lost because depmod has not seen it yet", () => {
  const objects = [{ ...object("2"), indexed: false }];
  const presence = { kind: "prebuilt", id: moduleId("zfs/1"), package: "zfs-modules", objects } as const;
  const arriving = { ...kernelFacts("2", [{ name: "zfs", presence }]), pkgbase: "linux" };
  const [facts = arriving] = indexedLater([arriving]);
  const [module] = facts.modules;
  assert.is(module?.presence.kind === "prebuilt" && module.presence.objects[0]?.indexed, undefined);
  const losses = new Losses({ before: [having("1", "linux", "zfs")], after: [facts] }, [{ name: "zfs", because: "x" }]);
  assert.is(losses.isLast("zfs"), false);
});

test.run();
