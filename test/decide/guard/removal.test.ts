/** What a transaction may not remove: a required module, and the last kernel that has it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeRemoval, type RemovalEvidence } from "../../../src/decide/guard/removal.ts";
import { arrivalsOf, noArrivals, type Arrivals } from "../../../src/model/guard/arrivals.ts";
import type { Verdict } from "../../../src/model/guard/guard.ts";
import { guardLines } from "../../../src/tell/guard.ts";
import { kernel, moduleId } from "../world-builder.ts";

/** Kernels 1 and 1-lts have zfs, 1 alone has wl. */
const machine: RemovalEvidence["machine"] = {
  kernels: [
    { release: "1", pkgbase: "linux", installed: ["zfs", "wl"] },
    { release: "1-lts", pkgbase: "linux-lts", installed: ["zfs"] },
    { release: "1-rt", pkgbase: "linux-rt", installed: [] },
  ],
  modules: [
    { name: "zfs", directory: "zfs-1", present: "yes" },
    { name: "wl", directory: "wl-1", present: "yes" },
    { name: "idle", directory: "idle-1", present: "yes" },
  ],
};
const required = new Map(["zfs", "wl", "idle"].map((name) => [name, "it is named"]));

interface Row {
  readonly title: string;
  readonly kernels?: readonly string[];
  readonly directories?: readonly string[];
  readonly arrivals?: Partial<Arrivals>;
  readonly policy?: "all" | "warn";
  /** Subject and effect of each finding. */
  readonly findings: string;
}

const rows: readonly Row[] = [
  { title: "nothing that matters", kernels: ["1-rt"], directories: ["other-1"], findings: "" },
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
  { title: "every kernel", kernels: ["1", "1-lts", "1-rt"], findings: "zfs refuses, wl refuses" },
  {
    title: "every kernel, and one comes",
    kernels: ["1", "1-lts", "1-rt"],
    arrivals: { kernels: [{ release: "2", lacks: [] }] },
    findings: "",
  },
  {
    title: "every kernel, and one comes without a module",
    kernels: ["1", "1-lts", "1-rt"],
    arrivals: { kernels: [{ release: "2", lacks: ["zfs"] }] },
    findings: "zfs refuses",
  },
  { title: "nobody knows what comes", directories: ["zfs-1"], arrivals: { isKnown: false }, findings: "zfs warns" },
];

const packages = (keys: readonly string[] = []): ReadonlyMap<string, readonly string[]> =>
  new Map(keys.map((key) => [key, [`package-of-${key}`]]));

for (const row of rows) {
  test(row.title, () => {
    const removal = { kernels: packages(row.kernels), directories: packages(row.directories) };
    const evidence = { removal, machine, required, arrivals: { ...noArrivals, ...row.arrivals } };
    const { decision, findings } = judgeRemoval(evidence, row.policy ?? "required");
    assert.is(findings.map(({ subject, effect }) => `${subject} ${effect}`).join(", "), row.findings);
    assert.is(decision, row.findings.includes("refuses") ? "refuse" : "go-on");
  });
}

test("the words of a refusal name the package, the reason and the way for one transaction", () => {
  const removal = { kernels: packages(), directories: packages(["zfs-1"]) };
  const judgement = judgeRemoval({ removal, machine, required, arrivals: noArrivals }, "required");
  const lines = guardLines(judgement, { words: ["pacman", "-Su"], operation: "sync" }).map(({ text }) => text);
  assert.is(lines[0], "==> ERROR: The source of zfs is removed and nothing replaces it, so no kernel will have zfs.");
  assert.ok(lines.includes("  -> This machine needs it to boot: it is named."));
  assert.ok(lines.includes("  -> To upgrade everything else: pacman -Su --ignore package-of-zfs-1"));
  assert.ok(lines.some((line) => line.includes("dkms guard --once warn")));
});

test("what arrives, from a test: what fails or is left out is lacking, what is not known is not", () => {
  const pair = (module: string) => ({ module: moduleId(module), kernel: kernel("2") });
  const error = { code: "make-failed", message: "", facts: {} } as const;
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ["zfs/1", { kind: "fails", error }],
    ["wl/1", { kind: "skipped", why: "" }],
    ["idle/1", { kind: "unknown", why: "" }],
  ];
  const rehearsal = {
    machine: {
      ...machine,
      arriving: [
        { release: "2", pkgbase: "linux" },
        { release: "3", pkgbase: "linux-zen" },
      ],
      withoutHeaders: ["3"],
    },
    verdicts: verdicts.map(([module, verdict]) => ({ pair: pair(module), verdict })),
    obstacle: undefined,
  };
  assert.equal(arrivalsOf(rehearsal, new Set(["wl-1"])), {
    kernels: [
      { release: "2", lacks: ["zfs", "wl"] },
      { release: "3", lacks: ["zfs", "wl", "idle"] },
    ],
    modules: ["wl"],
    isKnown: true,
  });
  assert.is(arrivalsOf({ ...rehearsal, machine: undefined }, new Set()).isKnown, false);
  assert.is(arrivalsOf({ ...rehearsal, obstacle: "no space" }, new Set()).isKnown, false);
});

test.run();
