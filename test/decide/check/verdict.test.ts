/** The verdict of a check. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeCheck, judgeModule, type CheckEvidence } from "../../../src/decide/check/verdict.ts";
import type { KernelFacts } from "../../../src/model/boot/facts.ts";
import { lossWords, type CheckVerdict } from "../../../src/model/check/check.ts";
import type { GuardMachine, Incoming, IncomingPackage, PairVerdict, Verdict } from "../../../src/model/guard/guard.ts";
import { kernelFacts } from "../boot/facts-builder.ts";
import { kernel, moduleId, world } from "../world-builder.ts";

/** A kernel for which a version of zfs is installed, as far as the tree tells. */
function having(release: string): KernelFacts {
  const presence = { kind: "installed", id: moduleId("zfs/1"), objects: [] } as const;
  return { ...kernelFacts(release, [{ name: "zfs", presence }]), pkgbase: "linux" };
}

const zfsPackage: IncomingPackage = {
  name: "zfs-dkms",
  version: "2-1",
  archive: "/zfs-dkms",
  size: 1,
  headers: [],
  kernels: [],
  sourceDirectories: ["zfs-2"],
  supplies: [],
  leavingDirectories: ["zfs-1"],
  leavingHeaders: [],
  isToolchain: false,
};

/** The new version of zfs comes, for the kernel that is there. */
const incoming: Incoming = {
  packages: [zfsPackage],
  missing: [],
  kernelPackages: new Map(),
  kernels: new Set(),
  headers: new Set(),
  sourceDirectories: new Set(["zfs-2"]),
  toolchain: [],
};

function evidence(
  verdict: Verdict,
  doubts: readonly string[] = [],
  machine: Partial<GuardMachine> = {},
): CheckEvidence {
  const verdicts: readonly PairVerdict[] = [{ pair: { module: moduleId("zfs/2"), kernel: kernel("1") }, verdict }];
  return {
    incoming,
    tested: {
      machine: {
        before: [having("1")],
        after: [having("1")],
        modules: [{ name: "zfs", directory: "zfs-2" }],
        arriving: new Set(),
        withoutHeaders: new Set(),
        stuck: [],
        ...machine,
      },
      verdicts,
      obstacle: undefined,
    },
    needs: { named: [], hooked: new Map(), owned: new Map(), rootType: "ext4" },
    removal: { kernels: new Map(), directories: new Map(), supplies: new Set() },
    now: { world: world({ kernels: [], modules: [] }), observed: [] },
    arch: "x86_64",
    doubts,
  };
}

const failing: Verdict = { kind: "fails", error: { code: "make-failed", message: "It failed.", facts: {} } };

const rows: readonly (readonly [title: string, CheckEvidence, CheckVerdict, ignore: readonly string[]])[] = [
  ["a new version that builds is fine", evidence({ kind: "builds" }), "fine", []],
  ["one that does not build breaks, also where the old one stays", evidence(failing), "breaks", ["zfs-dkms"]],
  [
    "one that is installed and that the new conf leaves out breaks",
    evidence({ kind: "skipped", why: "BUILD_EXCLUSIVE_KERNEL_MAX" }),
    "breaks",
    ["zfs-dkms"],
  ],
  [
    "one that was not there is not lost",
    evidence({ kind: "skipped", why: "BUILD_EXCLUSIVE_KERNEL_MAX" }, [], { before: [kernelFacts("1", [])] }),
    "fine",
    [],
  ],
  ["one of which nobody knows is unknown", evidence({ kind: "unknown", why: "nobody knows" }), "unknown", []],
  [
    "where something could not be found out, nothing is said to be fine",
    evidence({ kind: "builds" }, ["no network"]),
    "unknown",
    [],
  ],
];
const alone = evidence({ kind: "builds" }, [], {
  stuck: [{ kernel: kernel("1"), others: ["2"], losesHeaders: true, notBuilt: [] }],
});
/** The headers of another release come without their kernel. */
const headersAlone: CheckEvidence = {
  ...alone,
  tested: { ...alone.tested, verdicts: [] },
  incoming: {
    ...incoming,
    packages: [
      { ...zfsPackage, name: "linux-headers", sourceDirectories: [], leavingDirectories: [], leavingHeaders: ["1"] },
    ],
    headers: new Set(["2"]),
    sourceDirectories: new Set(),
  },
};

test("headers alone break, whatever stays installed, and name their package", () => {
  const judged = judgeCheck(headersAlone, { policy: "required", unknown: "warn" });
  assert.equal([judged.verdict, judged.refused, judged.ignore], ["breaks", false, ["linux-headers"]]);
  assert.equal(judged.kernels, [
    { kernel: "1", arch: "x86_64", pkgbase: "linux", incoming: false, headers: false, modules: [] },
  ]);
  assert.is(lossWords(judged), "no module can be built for 1, which has no headers then");
  assert.equal(judgeModule(judged, []).kernels, [], "it says nothing of a module that is not installed");
});

for (const [title, given, verdict, ignore] of rows) {
  test(title, () => {
    const judged = judgeCheck(given, { policy: "required", unknown: "warn" });
    assert.is(judged.verdict, verdict);
    assert.equal(judged.ignore, ignore);
    assert.not.ok(judged.refused);
  });
}

test("a module that the upgrade removes is not listed as one that builds", () => {
  const given = evidence({ kind: "builds" });
  const removal = { ...given.removal, directories: new Map([["zfs-2", ["zfs-dkms"]]]) };
  const listed = (judged: CheckEvidence): readonly string[] =>
    judgeCheck(judged, { policy: "warn", unknown: "warn" }).kernels.flatMap(({ modules }) =>
      modules.map(({ module }) => module),
    );
  assert.equal(listed(given), ["zfs"]);
  assert.equal(listed({ ...given, removal }), []);
});

test.run();
