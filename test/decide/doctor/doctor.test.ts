import { test } from "uvu";
import * as assert from "uvu/assert";
import { diagnose } from "../../../src/decide/doctor/doctor.ts";
import { runningKernelLines, type Health } from "../../../src/model/health/health.ts";
import type { KernelBuildFacts } from "../../../src/model/kernel/kernel-build-facts.ts";
import type { ReportedPair } from "../../../src/model/health/transaction-report.ts";
import type { Conf, World } from "../../../src/model/machine/world.ts";
import { health, leftovers } from "../prune/leftovers-builder.ts";
import { judgeBoot } from "../../../src/decide/boot/judgement.ts";
import * as made from "../boot/facts-builder.ts";
import { kernel, moduleId, world } from "../world-builder.ts";

/** Findings as `severity code: fix`. */
function findings(state: World, more: Partial<Health> = {}): readonly string[] {
  return diagnose(health(state, more)).map(({ severity, code, fix }) => `${severity} ${code}: ${fix}`);
}

/** How a kernel was built, by lines of its configuration. */
function facts(
  release: string,
  options: Readonly<Record<string, string>>,
  more: Partial<KernelBuildFacts> = {},
): World["facts"] {
  const config = { path: "/c", options: new Map(Object.entries(options)) };
  const all: KernelBuildFacts = {
    configPath: "/c",
    config,
    compiler: {},
    llvm: false,
    makesBtf: false,
    signatureHash: undefined,
    ...more,
  };
  return new Map([[`${release}/x86_64`, all]]);
}

const good = world({
  running: "6.1",
  kernels: [{ release: "6.1" }],
  modules: [{ module: "zfs/2.2", installed: ["6.1"], freshness: "unknown" }],
});
const key = "zfs/2.2/6.1/x86_64";

test("a machine with everything in its place is healthy, whoever has built it", () => {
  assert.equal(findings(good), []);
  assert.equal(findings(world({ kernels: [{ release: "6.1" }], modules: [] }), { programs: new Set() }), []);
});

test("headers that are missing have the name of their package", () => {
  const state = (installed: readonly string[], pkgbase: string): World =>
    world({ kernels: [{ release: "6.1", pkgbase, headers: "no" }], modules: [{ module: "zfs/2.2", installed }] });
  assert.equal(findings(state([], "linux-lts")), ["error headers-missing: pacman -S linux-lts-headers"]);
  assert.equal(findings(state(["6.1"], "linux")), ["warning headers-missing: pacman -S linux-headers"]);
  assert.equal(findings(state([], "none")), []);
});

test("headers matter only for modules that are meant for the kernel", () => {
  for (const spec of [{ excluded: ["6.1"] }, { autoinstall: "no" as const }, { source: "removed" as const }]) {
    const state = world({ kernels: [{ release: "6.1", headers: "no" }], modules: [{ module: "zfs/2.2", ...spec }] });
    assert.not(findings(state).some((line) => line.includes("headers-missing")));
  }
});

test("headers do not matter for what a package brings prebuilt, or the kernel has itself", () => {
  const state = (modules: Parameters<typeof world>[0]["modules"]): World =>
    world({
      kernels: [{ release: "6.1", headers: "no" }],
      modules: [{ module: "zfs/2.2" }, { module: "own/1", built: ["6.1"], yieldsTo: "/own.ko" }, ...modules],
      supplies: [{ module: "zfs/2.2", release: "6.1" }],
    });
  assert.equal(findings(state([])), []);
  const [finding] = diagnose(health(state([{ module: "wl/1" }])));
  assert.match(finding?.why ?? "", ": wl/1 is missing there.");
});

test("wanted pairs that are not installed", () => {
  const state = world({
    running: "6.2",
    kernels: [{ release: "6.1" }, { release: "6.2" }, { release: "6.3", pkgbase: "none" }],
    modules: [
      { module: "zfs/2.2", built: ["6.1", "6.3"] },
      { module: "wl/1", installed: ["6.1"], excluded: ["6.2"] },
    ],
  });
  assert.equal(findings(state), [
    "error not-installed: dkms install zfs/2.2 -k 6.2",
    "error not-installed: dkms install zfs/2.2 -k 6.1",
    "error not-installed: dkms install zfs/2.2 -k 6.3",
  ]);
});

test("a newer version that waits is a warning, since an old one is in its place", () => {
  const state = world({
    running: "6.1",
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2" }, { module: "zfs/2.1", installed: ["6.1"] }],
  });
  assert.equal(findings(state), ["warning not-installed: dkms install zfs/2.2 -k 6.1"]);
});

test("dependencies that are not there", () => {
  const state = world({
    running: "6.1",
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2", buildDepends: ["spl"] }],
  });
  assert.equal(findings(state), ["error dependency-unmet: Install spl for 6.1 first, or override with --force."]);
});

test("a module whose source was removed is broken, and prune clears it away", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2", source: "removed", built: ["6.1"] }],
  });
  assert.equal(findings(state), [
    "warning module-broken: dkms prune, or install the package again that brings /usr/src/zfs-2.2",
    "note leftovers: dkms prune",
  ]);
});

test("objects that are not what was built", () => {
  const differs = new Map([[key, { kind: "differs", name: "zfs" }]] as const);
  assert.equal(findings(good, { faults: differs }), ["warning object-differs: dkms install --force zfs/2.2 -k 6.1"]);
  const missing = new Map([[key, { kind: "missing", name: "zfs" }]] as const);
  assert.equal(findings(good, { faults: missing }), [
    "warning object-missing: dkms build --force zfs/2.2 -k 6.1 && dkms install --force zfs/2.2 -k 6.1",
  ]);
});

const unsigned = new Map([[key, ["/zfs.ko"]]]);
const policies: readonly (readonly [string, Partial<Health["policy"]>, Record<string, string>, boolean])[] = [
  ["no lockdown", {}, {}, false],
  ["lockdown", { lockdown: "integrity" }, {}, true],
  ["sig_enforce", { enforced: true }, {}, true],
  ["a kernel that insists", {}, { CONFIG_MODULE_SIG_FORCE: "y" }, true],
  ["Secure Boot alone", { secureBoot: "on" }, {}, false],
  ["Secure Boot with a kernel that heeds it", { secureBoot: "on" }, { CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT: "y" }, true],
];
for (const [what, policy, options, isTold] of policies) {
  test(`unsigned objects: ${what}`, () => {
    const state = { ...good, facts: facts("6.1", options) };
    const told = findings(state, {
      unsigned,
      policy: { lockdown: "none", secureBoot: "off", enforced: false, ...policy },
    });
    assert.is(
      told.some((line) => line.startsWith("error unsigned: ")),
      isTold,
    );
  });
}

const compilers: readonly (readonly [string, string, string, string | undefined])[] = [
  ["gcc (GCC) 14.1.1 20240522", "gcc", "gcc (GCC) 14.2.1 20250207", undefined],
  ["gcc (GCC) 14.1.1 20240522", "gcc", "gcc (GCC) 15.1.1 20250425", "pacman -Syu"],
  ["gcc-12 (Debian 12.2.0-14) 12.2.0", "gcc-12", "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", undefined],
  ["clang version 18.1.8", "clang", "clang version 18.1.8", undefined],
  ["Debian clang version 14.0.6", "clang", "clang version 18.1.8", "pacman -Syu"],
  ["clang version 18.1.8", "gcc", "gcc (GCC) 18.1.1 20240522", "pacman -S clang lld llvm"],
  ["clang version 19.0.0git (https://github.com 1234)", "clang", "clang version 18.1.8", "pacman -Syu"],
];
for (const [theirs, program, ours, fix] of compilers) {
  test(`a kernel built by ${theirs}, a machine with ${ours}`, () => {
    const state = {
      ...good,
      facts: facts("6.1", { CONFIG_CC_VERSION_TEXT: `"${theirs}"` }, { compiler: { CC: program, KERNEL_CC: program } }),
    };
    const told = findings(state, { compilers: new Map([[program, ours]]) });
    assert.equal(told, fix === undefined ? [] : [`warning compiler-differs: ${fix}`]);
  });
}

test("a Node.js that is older than package.json allows", () => {
  assert.equal(findings(good, { node: "v20.18.3" }), ["warning node-too-old: pacman -Syu nodejs"]);
  assert.equal(findings(good, { node: "v26.0.0-nightly2026" }), []);
});

test("programs that are missing, by package", () => {
  assert.equal(
    findings({ ...good, facts: facts("6.1", {}) }, { programs: new Set(), suffixes: new Map([["6.1", ".zst"]]) }),
    [
      "error tool-missing: pacman -S bash",
      "error tool-missing: pacman -S make",
      "error tool-missing: pacman -S kmod",
      "error tool-missing: pacman -S kmod",
      "error tool-missing: pacman -S util-linux",
      "error tool-missing: pacman -S gcc",
      "error tool-missing: pacman -S binutils",
      "error tool-missing: pacman -S binutils",
      "error tool-missing: pacman -S zstd",
      "warning tool-missing: pacman -S bubblewrap",
    ],
  );
  const clang = facts("6.1", {}, { llvm: true });
  assert.equal(findings({ ...good, facts: clang }), [
    "error tool-missing: pacman -S clang",
    "error tool-missing: pacman -S lld",
    "error tool-missing: pacman -S llvm",
  ]);
  assert.equal(findings({ ...good, facts: facts("6.1", {}, { makesBtf: true }) }), [
    "error tool-missing: pacman -S pahole",
  ]);
  assert.equal(
    findings(good, {
      sandbox: "no",
      programs: new Set(["bash", "make", "gcc", "ld", "strip", "depmod", "modinfo", "flock"]),
    }),
    [],
  );
});

test("what the last transaction left, until it is fixed", () => {
  const pair = { module: "zfs", version: "2.2", kernel: "6.1", arch: "x86_64", result: "failed" } as const;
  const report = (pairs: readonly ReportedPair[], problems: readonly { message: string }[] = []): Partial<Health> => ({
    lastTransaction: { format: 1, transaction: "1:2", pairs, problems },
  });
  const words = "dkms report prints each, with what to do";
  const told = `warning last-transaction: ${words}`;
  assert.equal(findings(good, report([{ ...pair, kernel: "6.2" }])), [told]);
  assert.equal(findings(good, report([], [{ message: "no image" }])), [told]);
  assert.equal(findings(good, report([pair])), [], "it has been installed since");
  assert.equal(findings(good, report([{ ...pair, result: "installed" }])), []);
});

test("a command that has just failed is not proposed", () => {
  const state = world({ running: "6.1", kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2" }] });
  const pair = { module: "zfs", version: "2.2", kernel: "6.1", arch: "x86_64", result: "failed", log: "/l" } as const;
  const lastTransaction = { format: 1, transaction: "1:2", pairs: [pair], problems: [] } as const;
  assert.equal(findings(state, { lastTransaction }), [
    "error not-installed: It failed in the last transaction: read /l",
    "warning last-transaction: dkms report prints each, with what to do",
  ]);
});

test("a failed pair has the advice of the table of hints", () => {
  const state = world({ running: "6.1", kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2" }] });
  const failed = (hint: object): Partial<Health> => ({ failures: new Map([[key, { log: "/l", ...hint }]]) });
  const advice = (hint: object): readonly string[] => findings(state, failed(hint));
  assert.equal(advice({ hint: "Install it: pacman -S gcc" }), [
    "error not-installed: Its last build failed: read /l. Install it: pacman -S gcc",
  ]);
  assert.equal(advice({ sentence: "It wrote.", hint: "Open it." }), [
    "error not-installed: Its last build failed: read /l. It wrote. Open it.",
  ]);
  assert.equal(advice({}), ["error not-installed: Its last build failed: read /l"]);
});

test("the next boot: what no other check tells, once", () => {
  const required = [{ name: "zfs", because: "it is" }];
  const lacking = made.entry(made.ofRelease("6.1"), made.listed([], ["6.1"]));
  const codes = (...given: Parameters<typeof made.kernelFacts>): readonly string[] =>
    diagnose(health(good, { boot: judgeBoot({ kernels: [made.kernelFacts(...given)], required }) })).map(
      ({ code, severity }) => `${severity} ${code}`,
    );
  const zfs = made.installed("zfs/2.2", "6.1");
  assert.equal(codes("6.1", [zfs], made.entry(made.ofRelease("6.1"), made.listed(["zfs"], ["6.1"]))), []);
  assert.equal(codes("6.1", [zfs], lacking), ["error nothing-to-boot", "error boot-image"]);
  assert.equal(codes("6.1", [zfs], made.entry(made.ofRelease("6.0"), made.listed(["zfs"], ["6.1"]))), [
    "error nothing-to-boot",
    "error boot-kernel",
  ]);
  assert.equal(codes("6.1", [zfs]), ["note boot-not-checked"]);
  // The check of installed objects tells that.
  const altered = made.installed("zfs/2.2", "6.1", { bytes: "altered" });
  assert.equal(codes("6.1", [altered], made.entry(made.ofRelease("6.1"), made.listed(["zfs"], ["6.1"]))), [
    "error nothing-to-boot",
  ]);
});

test("a machine without any kernel is told to install one, and not that each has a fault", () => {
  const [finding] = diagnose(health(good, { boot: judgeBoot({ kernels: [], required: [] }) }));
  assert.is(finding?.what, "No kernel is installed: this machine has nothing to boot.");
  assert.is(finding?.fix, "Install a kernel: pacman -S linux");
  assert.not.match(finding?.why ?? "", /fault/);
});

test("the kernel has modules of the same names: only a pair that gave way to them is not missing", () => {
  const own = made.kernelFacts("6.1", [made.absent("zfs", { kind: "kernels-own", builtIn: false })]);
  const boot = judgeBoot({ kernels: [own], required: [] });
  const told = (spec: object): readonly (readonly string[])[] => {
    const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", ...spec }] });
    const all = diagnose(health(state, { boot })).filter(({ code }) => code !== "boot-not-checked");
    return all.map(({ code, severity, what, why }) => [code, severity, what, why]);
  };
  const why = "The kernel's own module is loaded in its place.";
  const words = (what: string) => [["not-installed", "warning", `zfs/2.2 for 6.1 (x86_64) is ${what}.`, why]];
  assert.equal(told({}), words("not built"));
  assert.equal(told({ built: ["6.1"] }), words("built and not installed"));
  assert.equal(told({ built: ["6.1"], yieldsTo: "/own.ko" }), []);
});

test("what could not be read is a note", () => {
  assert.equal(findings(good, { unread: ["/x cannot be listed."] }), ["note unread: sudo dkms doctor"]);
});

/** The machine whose module has another conf. */
function withConf(change: (conf: Extract<Conf, { kind: "valid" }>) => Conf): World {
  const conf = good.confs.get(key);
  if (conf?.kind !== "valid") throw new Error("no conf");
  return { ...good, confs: new Map([[key, change(conf)]]) };
}

test("faults of a dkms.conf", () => {
  const path = "/usr/src/zfs-2.2/dkms.conf";
  const invalid = withConf(() => ({ kind: "invalid", path, errors: ["A.", "B."] }));
  const [finding] = diagnose(health(invalid));
  assert.is(finding?.code, "conf-invalid");
  assert.is(finding?.why, "A. B.");
  assert.is(findings(withConf(() => ({ kind: "missing", path }))).length, 1);
  assert.is(findings(withConf((conf) => ({ ...conf, warnings: ["W."] })))[0]?.split(":")[0], "note conf-doubtful");
  const old = withConf((conf) => ({ ...conf, deprecated: ["REMAKE_INITRD"] }));
  assert.is(diagnose(health(old))[0]?.why, "It uses the deprecated directive REMAKE_INITRD.");
  const unidentified = [{ directory: "x-1", conf: "/usr/src/x-1/dkms.conf", errors: ["PACKAGE_NAME is missing."] }];
  assert.is(findings({ ...good, unidentified })[0]?.split(":")[0], "error conf-invalid");
});

const asking = "KVER ?= $(shell uname -r)\n";

const makefiles: readonly (readonly [make: string | undefined, text: string, boolean])[] = [
  [undefined, "KVER = $(shell uname -r)", false],
  ["make", "KVER = $(shell uname -r)", true],
  ["make", "KERNELRELEASE ?= $(shell uname -r)", false],
  ["./build.sh", "KERNELRELEASE ?= $(shell uname -r)", true],
  ["make KVER=6.1", "KVER := $(shell uname -r)", false],
  ["make KVERS=6.1", "KVER ?= $(shell uname -r)", true],
  ["make all", "\tmake -C /lib/modules/$(shell uname -r)/build M=$(PWD)", true],
  ["make -C /usr/lib/modules/6.1/build M=/b", "KVER = $(shell uname -r)", false],
  ["make KDIR=/lib/modules/`uname -r`/build", "", true],
  ["make KDIR=/x", `${asking}KDIR ?= /lib/modules/$(KVER)/build\nall:\n\tmake -C $(KDIR) M=$(PWD)`, false],
  ["make KDIR=/x", `${asking}KDIR ?= /lib/modules/\${KVER}/build\nSRC ?= /usr/src/$(KVER)`, true],
  ["make KDIR=/x", `${asking}KDIR ?= /lib/modules/$(KVER)/build\nall:\n\tmake -C /lib/modules/$(KVER)/build`, true],
  ["make KDIR=/x", `${asking}override KDIR = /lib/modules/$(KVER)/build`, true],
];
for (const [make, text, isTold] of makefiles) {
  test(`MAKE ${make ?? "not set"} and a makefile with ${text.trim()}`, () => {
    const state = withConf((conf) => {
      const directives = { ...conf.directives, make };
      return { ...conf, directives };
    });
    const lines = runningKernelLines("/usr/src/zfs-2.2/Makefile", text);
    const told = diagnose(health(state, { runningKernelLines: new Map([["zfs/2.2", lines]]) }));
    assert.equal(
      told.map(({ code }) => code),
      isTold ? ["running-kernel"] : [],
    );
  });
}

test("what a run has not finished", () => {
  const pending = (pairs: readonly string[], spec: object): readonly string[] =>
    findings(
      world({
        running: "6.1",
        kernels: [{ release: "6.1" }],
        modules: [{ module: "zfs/2.2", ...spec }],
        pending: pairs,
      }),
    );
  assert.equal(pending([key], { installed: ["6.1"], freshness: "changed" }), [
    "warning unfinished: dkms install zfs/2.2 -k 6.1",
  ]);
  assert.equal(pending([key], { installed: ["6.1"] }), ["note leftovers: dkms prune"]);
  assert.equal(pending([key], {}), ["error not-installed: dkms install zfs/2.2 -k 6.1"]);
  assert.equal(pending(["old/1/6.1/x86_64"], { installed: ["6.1"] }), ["note leftovers: dkms prune"]);
});

test("settings and leftovers, the gravest first", () => {
  const told = findings(good, {
    settingsFaults: ["parallel_jobs is bad."],
    leftovers: leftovers({ untidy: [{ ...kernel("5.9") }], entries: [moduleId("a/1")], builds: ["/b", "/c"] }),
    programs: new Set(),
  });
  assert.is(told[0]?.startsWith("error tool-missing"), true);
  assert.is(told.at(-2), "warning tool-missing: pacman -S bubblewrap");
  assert.is(told.at(-1), "note leftovers: dkms prune");
  assert.is(
    told.some((line) => line.startsWith("warning settings-fault")),
    true,
  );
});

test("a module that uses another one is to say so in BUILD_DEPENDS", () => {
  const modules = (buildDepends: readonly string[]) => [
    { module: "base/1", installed: ["6.1"], objects: ["base-core"] },
    { module: "zdep/1", installed: ["6.1"], buildDepends },
  ];
  const uses = new Map([
    ["zdep/1/6.1/x86_64", ["base_core", "video"]],
    ["base/1/6.1/x86_64", []],
  ]);
  const found = (buildDepends: readonly string[]): readonly string[] =>
    findings(world({ running: "6.1", kernels: [{ release: "6.1" }], modules: modules(buildDepends) }), { uses });
  assert.equal(found(["base"]), []);
  assert.equal(found([]), [
    'warning dependency-undeclared: Ask the maintainer of its package for BUILD_DEPENDS[0]="base" in /usr/src/zdep-1/dkms.conf',
  ]);
});

test.run();
