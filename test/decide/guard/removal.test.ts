/** What a transaction may not remove: a required module, and the last kernel that has it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { arrivalsOf } from "../../../src/decide/guard/arrivals.ts";
import { judgeRemoval } from "../../../src/decide/guard/removal.ts";
import type { KernelFacts, ObservedKernel } from "../../../src/model/boot/facts.ts";
import { noArrivals, type Arrivals } from "../../../src/model/guard/arrivals.ts";
import type { Verdict } from "../../../src/model/guard/guard.ts";
import { guardLines } from "../../../src/tell/guard.ts";
import { supplyKey } from "../../../src/model/packaging/supply.ts";
import { absent, installed, kernelFacts } from "../boot/facts-builder.ts";
import { kernel, moduleId, world } from "../world-builder.ts";

/** Kernels 1 and 1-lts have zfs, 1 alone has wl; 1-rt has a prebuilt rtw, 1-zen nothing. */
const machine = world({
  kernels: [
    { release: "1", pkgbase: "linux" },
    { release: "1-lts", pkgbase: "linux-lts" },
    { release: "1-rt", pkgbase: "linux-rt" },
    { release: "1-zen", pkgbase: "linux-zen" },
  ],
  modules: [{ module: "zfs/1", installed: ["1", "1-lts"] }, { module: "wl/1", installed: ["1"] }, { module: "idle/1" }],
  supplies: [{ module: "rtw/1", release: "1-rt" }],
});
const observed = machine.kernels.map(({ release, arch, pkgbase }): ObservedKernel => ({
  kernel: { release, arch },
  pkgbase,
  objects: new Map(),
  indexed: new Set(),
  additions: new Map(),
  builtIn: new Set(),
  start: { kind: "unknown", why: "nobody has looked" },
}));
const required = ["zfs", "wl", "idle", "rtw"].map((name) => ({ name, because: "it is named" }));

/** An incoming kernel that will have all of these. */
function arriving(...names: readonly string[]): KernelFacts {
  const modules = ["zfs", "wl", "idle", "rtw"].map((name) =>
    names.includes(name)
      ? { name, presence: { kind: "installed", id: moduleId(`${name}/1`), objects: [] } as const }
      : absent(name, { kind: "missing", id: undefined, cause: { kind: "obstacle", why: "it failed" } }),
  );
  return kernelFacts("2", modules);
}

interface Row {
  readonly title: string;
  readonly kernels?: readonly string[];
  readonly directories?: readonly string[];
  readonly supplies?: readonly string[];
  readonly arrivals?: Partial<Arrivals>;
  readonly policy?: "all" | "warn";
  /** Subject and effect of each finding. */
  readonly findings: string;
}

const rows: readonly Row[] = [
  { title: "nothing that matters", kernels: ["1-zen"], directories: ["other-1"], findings: "" },
  { title: "a required module", directories: ["zfs-1"], findings: "zfs refuses" },
  { title: "a required module, and all matter", directories: ["zfs-1"], policy: "all", findings: "zfs refuses" },
  {
    title: "a required module, and only warnings are wanted",
    directories: ["zfs-1"],
    policy: "warn",
    findings: "zfs warns",
  },
  { title: "a required module that is not installed anyway", directories: ["idle-1"], findings: "" },
  {
    title: "a required module, and another version comes",
    directories: ["zfs-1"],
    arrivals: { modules: ["zfs"] },
    findings: "",
  },
  { title: "one kernel of two", kernels: ["1-lts"], findings: "" },
  { title: "the only kernel with a module", kernels: ["1"], findings: "wl refuses" },
  {
    title: "every kernel",
    kernels: ["1", "1-lts", "1-rt", "1-zen"],
    findings: "zfs refuses, wl refuses, rtw refuses",
  },
  {
    title: "a prebuilt module",
    supplies: [supplyKey("rtw", kernel("1-rt"))],
    findings: "rtw refuses",
  },
  { title: "the only kernel with a prebuilt module", kernels: ["1-rt"], findings: "rtw refuses" },
  {
    title: "a required module whose kernel arrives again with the same release",
    kernels: ["1", "1-lts"],
    directories: ["zfs-1"],
    arrivals: { kernels: [arriving("zfs", "wl")] },
    findings: "zfs refuses",
  },
  {
    title: "every kernel, and one comes",
    kernels: ["1", "1-lts", "1-rt", "1-zen"],
    arrivals: { kernels: [arriving("zfs", "wl", "rtw")] },
    findings: "",
  },
  {
    title: "every kernel, and one comes without a module",
    kernels: ["1", "1-lts", "1-rt", "1-zen"],
    arrivals: { kernels: [arriving("wl", "rtw")] },
    findings: "zfs refuses",
  },
  { title: "nobody knows what comes", directories: ["zfs-1"], arrivals: { isKnown: false }, findings: "zfs warns" },
];

const packages = (keys: readonly string[] = []): ReadonlyMap<string, readonly string[]> =>
  new Map(keys.map((key) => [key, [`package-of-${key}`]]));

for (const row of rows) {
  test(row.title, () => {
    const removal = {
      kernels: packages(row.kernels),
      directories: packages(row.directories),
      supplies: new Set(row.supplies),
    };
    const evidence = { removal, world: machine, observed, required, arrivals: { ...noArrivals, ...row.arrivals } };
    const { decision, findings } = judgeRemoval(evidence, row.policy ?? "required");
    assert.is(findings.map(({ subject, effect }) => `${subject} ${effect}`).join(", "), row.findings);
    assert.is(decision, row.findings.includes("refuses") ? "refuse" : "go-on");
  });
}

test("an object that depmod's index does not know is there to be lost with its kernel", () => {
  const { presence } = installed("zfs/1", "1", { indexed: false });
  const objects = presence.kind === "installed" ? presence.objects : [];
  const seen = observed.map((one) => ({ ...one, objects: new Map([["zfs", objects]]) }));
  const findings = (...kernels: readonly string[]): readonly string[] => {
    const removal = { kernels: packages(kernels), directories: packages(), supplies: new Set<string>() };
    const needed = required.filter(({ name }) => name === "zfs");
    const evidence = { removal, world: machine, observed: seen, required: needed, arrivals: noArrivals };
    return judgeRemoval(evidence, "required").findings.map(({ subject, effect }) => `${subject} ${effect}`);
  };
  assert.equal(findings("1", "1-lts", "1-rt", "1-zen"), ["zfs refuses"]);
  assert.equal(findings("1-lts"), []);
});

test("a kernel that stays with a module of another package is one to boot", () => {
  const seen = observed.map((one) =>
    one.pkgbase === "linux-zen" ? { ...one, additions: new Map([["zfs", "extra/zfs.ko"]]) } : one,
  );
  const removal = { kernels: packages(["1", "1-lts"]), directories: packages(), supplies: new Set<string>() };
  const needed = required.filter(({ name }) => name === "zfs");
  const judge = (machineNow: typeof observed) =>
    judgeRemoval({ removal, world: machine, observed: machineNow, required: needed, arrivals: noArrivals }, "required");
  assert.is(judge(seen).decision, "go-on");
  assert.is(judge(observed).decision, "refuse");
});

test("the words of a refusal name the package, the reason and the way for one transaction", () => {
  const removal = { kernels: packages(), directories: packages(["zfs-1"]), supplies: new Set<string>() };
  const judgement = judgeRemoval({ removal, world: machine, observed, required, arrivals: noArrivals }, "required");
  const lines = guardLines(judgement, { words: ["pacman", "-Su"], operation: "sync" }).map(({ text }) => text);
  assert.is(lines[0], "==> ERROR: The source of zfs is removed and nothing replaces it, so no kernel will have zfs.");
  assert.ok(lines.includes("  -> This machine needs it to boot: it is named."));
  assert.ok(lines.includes("  -> To upgrade everything else: pacman -Su --ignore package-of-zfs-1"));
  assert.ok(lines.some((line) => line.includes("dkms guard --once warn")));
});

test("where nobody knows what arrives, nothing is said to be without a replacement", () => {
  const why = (removal: { readonly kernels?: readonly string[]; readonly directories?: readonly string[] }) => {
    const removed = { kernels: packages(removal.kernels), directories: packages(removal.directories) };
    const supplies = new Set([supplyKey("rtw", kernel("1-rt"))]);
    const arrivals = { ...noArrivals, isKnown: false };
    const evidence = { removal: { ...removed, supplies }, world: machine, observed, required, arrivals };
    return judgeRemoval(evidence, "required").findings.map((finding) => finding.why);
  };
  assert.equal(why({ directories: ["zfs-1"] }), [
    "The source of zfs is removed, and whether an incoming package replaces it is not known",
    "The prebuilt rtw of supplier is removed, and whether an incoming package replaces it is not known",
  ]);
  assert.equal(
    why({ kernels: ["1", "1-lts"] })[0],
    "Every kernel that has zfs is removed (1, 1-lts), and whether an incoming kernel has it is not known",
  );
});

test("what arrives, from a test: what fails or is left out is lacking, what is not known is not", () => {
  const pair = (module: string) => ({ module: moduleId(module), kernel: kernel("2") });
  const error = { code: "make-failed", message: "", facts: {} } as const;
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ["zfs/1", { kind: "fails", error }],
    ["wl/1", { kind: "skipped", why: "" }],
    ["idle/1", { kind: "unknown", why: "" }],
  ];
  const missing = (name: string) =>
    absent(name, { kind: "missing", id: moduleId(`${name}/1`), cause: { kind: "not-installed" } });
  const tested = {
    machine: {
      before: [],
      after: [kernelFacts("1", []), kernelFacts("2", ["zfs", "wl", "idle"].map(missing))],
      modules: ["zfs", "wl", "idle"].map((name) => ({ name, directory: `${name}-1` })),
      arriving: new Set(["2"]),
      withoutHeaders: new Set<string>(),
      stuck: [],
    },
    verdicts: verdicts.map(([module, verdict]) => ({ pair: pair(module), verdict })),
    obstacle: undefined,
  };
  const incoming = { sourceDirectories: new Set(["wl-1"]), missing: [] };
  const arrivals = arrivalsOf(tested, incoming);
  assert.equal(
    arrivals.kernels.map(({ kernel: { release }, modules }) => [
      release,
      modules.map(({ name, presence }) => `${name} ${presence.kind}`),
    ]),
    [["2", ["zfs missing", "wl excluded", "idle installed"]]],
  );
  assert.equal([arrivals.modules, arrivals.isKnown], [["wl"], true]);
  assert.is(arrivalsOf({ ...tested, machine: undefined }, incoming).isKnown, false);
  assert.is(arrivalsOf({ ...tested, obstacle: "no space" }, incoming).isKnown, false);
  assert.is(arrivalsOf(tested, { ...incoming, missing: ["usr/lib/modules/2/build/"] }).isKnown, false);
});

test.run();
