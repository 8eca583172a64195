import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import type { Scope } from "../../../src/model/run/request.ts";
import type { World } from "../../../src/model/machine/world.ts";
import { kernel, moduleId, scope, words, world, type ModuleSpec } from "../world-builder.ts";

const built = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith("Build"));
const install = (state: World, what: Scope): readonly string[] =>
  words(decide(state, { kind: "transaction-install", scope: what }));

test("kernel, headers and module arrive together: one add, one build, one install, one depmod", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", registered: "no" }] });
  assert.equal(install(state, scope({ releases: ["6.1"], sources: ["zfs-2.2"] })), [
    "Add zfs/2.2 from /usr/src/zfs-2.2",
    "Build zfs/2.2 for 6.1",
    "Install zfs/2.2 for 6.1",
    "Run depmod for 6.1",
  ]);
});

test("a module alone is built for every kernel of a package, the running one first, then the newest", () => {
  const state = world({
    running: "6.1",
    kernels: [{ release: "6.1" }, { release: "6.10" }, { release: "6.2" }],
    modules: [{ module: "zfs/2.2" }],
  });
  assert.equal(
    install(state, scope({ sources: ["zfs-2.2"] })).filter((line) => line.startsWith("Build")),
    ["Build zfs/2.2 for 6.1", "Build zfs/2.2 for 6.10", "Build zfs/2.2 for 6.2"],
  );
});

test("the kernel that the transaction brought comes before the running one", () => {
  const state = world({
    running: "6.1",
    kernels: [{ release: "6.1" }, { release: "6.2" }],
    modules: [{ module: "zfs/2.2" }],
  });
  assert.equal(
    install(state, scope({ releases: ["6.1", "6.2"] })).filter((line) => line.startsWith("Build")),
    ["Build zfs/2.2 for 6.2", "Build zfs/2.2 for 6.1"],
  );
});

test("kernel and module of Arch Linux ARM: its kernels have no pkgbase file, their owner stands for it", () => {
  const release = "6.2.10-1-aarch64-ARCH";
  const state = world({
    arch: "aarch64",
    running: release,
    kernels: [{ release, pkgbase: "linux-aarch64" }],
    modules: [
      { module: "zfs/2.2", registered: "no" },
      { module: "wl/1", installed: [release] },
    ],
  });
  assert.equal(install(state, scope({ releases: [release], sources: ["zfs-2.2"] })), [
    "Add zfs/2.2 from /usr/src/zfs-2.2",
    `Build zfs/2.2 for ${release} (aarch64)`,
    `Install zfs/2.2 for ${release} (aarch64)`,
    `Run depmod for ${release} (aarch64)`,
  ]);
});

test("modules with an object of the same name are installed one after the other, others at once", () => {
  const state = world({
    kernels: [{ release: "6.1" }, { release: "6.2" }],
    modules: [
      { module: "first/1", objects: ["shared", "own"] },
      { module: "other/1" },
      { module: "second/1", objects: ["shared"] },
      { module: "third/1", objects: ["shared"] },
    ],
  });
  const { steps } = decide(state, { kind: "transaction-install", scope: scope({ releases: ["6.1", "6.2"] }) });
  const subject = (position: number): string => {
    const { step } = steps[position] ?? {};
    return step?.kind === "install" ? `${step.pair.module.name} ${step.pair.kernel.release}` : "";
  };
  const order = steps.flatMap(({ step, after }, position) =>
    step.kind === "install" && after.length > 0 ? [`${subject(position)} after ${after.map(subject).join(", ")}`] : [],
  );
  assert.equal(order.toSorted(), [
    "second 6.1 after first 6.1",
    "second 6.2 after first 6.2",
    "third 6.1 after second 6.1",
    "third 6.2 after second 6.2",
  ]);
});

test("what is installed and current needs nothing", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", installed: ["6.1"] }] });
  assert.equal(install(state, scope({ releases: ["6.1"], sources: ["zfs-2.2"] })), []);
});

test("what is not in its place any more is put back, of every module of a kernel in scope", () => {
  const state = world({
    kernels: [{ release: "6.1" }, { release: "6.2" }],
    modules: [
      { module: "wl/1", installed: ["6.1", "6.2"] },
      { module: "zfs/2.2", installed: ["6.1"], damage: "kernel" },
      { module: "spl/1", installed: ["6.1"], damage: "result" },
    ],
  });
  const expected = ["Install zfs/2.2 for 6.1", "Build spl/1 for 6.1", "Install spl/1 for 6.1", "Run depmod for 6.1"];
  assert.equal(install(state, scope({ releases: ["6.1"] })), expected);
  assert.equal(install(state, scope({ sources: ["wl-1"] })), expected);
  assert.equal(words(decide(state, { kind: "autoinstall", kernel: kernel("6.1") })), expected);
});

test("what is not in its place goes back without headers, and not beside what a package supplies", () => {
  const modules = [{ module: "zfs/2.2", installed: ["6.1"], damage: "kernel" }] as const;
  const bare = world({ kernels: [{ release: "6.1", headers: "no" }], modules });
  assert.equal(install(bare, scope({ sources: ["zfs-2.2"] })), ["Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
  const supplied = world({ kernels: [{ release: "6.1" }], modules, supplies: [{ module: "zfs/2.2", release: "6.1" }] });
  assert.not.ok(install(supplied, scope({ releases: ["6.1"] })).some((line) => line.startsWith("Install")));
});

test("what the kernel's own module was preferred to is left alone, until it changes or a person asks for it", () => {
  const state = (spec: Partial<ModuleSpec> = {}): World =>
    world({
      kernels: [{ release: "6.1" }],
      modules: [{ module: "zfs/2.2", built: ["6.1"], yieldsTo: "/kernel/zfs.ko", ...spec }],
    });
  assert.equal(install(state(), scope({ releases: ["6.1"] })), []);
  assert.equal(words(decide(state(), { kind: "autoinstall", kernel: kernel("6.1") })), ["skip kernel-has-module"]);
  assert.ok(install(state({ freshness: "changed" }), scope({ releases: ["6.1"] })).includes("Install zfs/2.2 for 6.1"));
  const kernels = { kind: "these", kernels: [kernel("6.1")] } as const;
  const asked = { kind: "install", module: moduleId("zfs/2.2"), directory: undefined, kernels, force: false } as const;
  assert.equal(words(decide(state(), asked)), ["Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
});

test("kernels that no package owns are named once, and those that the transaction brings are none of them", () => {
  const unowned = world({
    kernels: [{ release: "6.1" }, { release: "6.2", pkgbase: "none" }, { release: "6.3", pkgbase: "none" }],
    modules: [{ module: "zfs/2.2", installed: ["6.1"] }],
  });
  const plan = (leftOut: readonly string[], what: Scope): readonly string[] =>
    decide({ ...unowned, leftOut: new Set(leftOut) }, { kind: "transaction-install", scope: what }).findings.map(
      ({ error }) => `${error.code} ${error.facts.excerpt?.join(" ") ?? ""}`,
    );
  const module = scope({ sources: ["zfs-2.2"] });
  assert.equal(plan([], module), ["kernels-left-out 6.2 6.3"]);
  assert.equal(plan(["6.2"], module), ["kernels-left-out 6.3"]);
  assert.equal(plan(["6.2", "6.3"], module), []);
  assert.equal(plan([], scope({ releases: ["6.1"] })), []);
  assert.equal(built(install(unowned, scope({ releases: ["6.2"] }))), []);
  const brought = { ...unowned, kernels: unowned.kernels.map((there) => ({ ...there, isBrought: true })) };
  assert.equal(built(install(brought, scope({ releases: ["6.2"] }))), ["Build zfs/2.2 for 6.2"]);
});

test("what changed, and what nobody remembers, is built again", () => {
  for (const freshness of ["changed", "unknown"] as const) {
    const state = world({
      kernels: [{ release: "6.1" }],
      modules: [{ module: "zfs/2.2", installed: ["6.1"], freshness }],
    });
    assert.equal(install(state, scope({ releases: ["6.1"] })), [
      "Build zfs/2.2 for 6.1",
      "Install zfs/2.2 for 6.1",
      "Run depmod for 6.1",
    ]);
  }
});

test("what is built and current is only installed", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", built: ["6.1"] }] });
  assert.equal(install(state, scope({ releases: ["6.1"] })), ["Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
});

test("kernels that no package owns are passed over, unless they hold the module already", () => {
  const state = world({
    kernels: [
      { release: "6.1-kept", pkgbase: "none" },
      { release: "6.1-own", pkgbase: "none" },
    ],
    modules: [{ module: "zfs/2.2" }, { module: "zfs/2.1", source: "removed", installed: ["6.1-own"] }],
  });
  assert.equal(install(state, scope({ sources: ["zfs-2.2"] })), [
    "Build zfs/2.2 for 6.1-own",
    "Install zfs/2.2 for 6.1-own in place of zfs/2.1",
    "Delete the build of zfs/2.1 for 6.1-own",
    "Forget zfs/2.1",
    "Run depmod for 6.1-own",
  ]);
});

test("the old version is deleted only after the new one is installed", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.1", source: "removed", installed: ["6.1"] }, { module: "zfs/2.2" }],
  });
  const plan = decide(state, { kind: "transaction-install", scope: scope({ sources: ["zfs-2.2", "zfs-2.1"] }) });
  const installed = plan.steps.findIndex(({ step }) => step.kind === "install");
  const deleted = plan.steps.find(({ step }) => step.kind === "unbuild");
  assert.equal(deleted?.needs, [installed]);
});

test("all entries of BUILD_DEPENDS come first, and the build needs them", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "top/1", buildDepends: ["left", "right"] }, { module: "right/1" }, { module: "left/1" }],
  });
  const plan = decide(state, { kind: "transaction-install", scope: scope({ releases: ["6.1"] }) });
  assert.equal(
    words(plan).filter((line) => line.startsWith("Build")),
    ["Build left/1 for 6.1", "Build right/1 for 6.1", "Build top/1 for 6.1"],
  );
  const top = plan.steps.find(({ step }) => step.kind === "build" && step.pair.module.name === "top");
  assert.equal(
    top?.needs.map((index) => plan.steps[index]?.step.kind),
    ["install", "install"],
  );
});

test("a circle is named, what depends on it is not attempted, the rest goes on", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [
      { module: "a/1", buildDepends: ["b"] },
      { module: "b/1", buildDepends: ["a"] },
      { module: "c/1", buildDepends: ["a"] },
      { module: "d/1" },
    ],
  });
  const plan = decide(state, { kind: "transaction-install", scope: scope({ releases: ["6.1"] }) });
  assert.equal(words(plan).slice(0, 3), [
    "refusal dependency-circle",
    "refusal dependency-failed",
    "Build d/1 for 6.1",
  ]);
  assert.match(plan.findings[0]?.error.message ?? "", "a -> b -> a");
});

test("a dependency that is not there at all is a refusal", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "top/1", buildDepends: ["missing"] }] });
  assert.equal(install(state, scope({ releases: ["6.1"] })), ["refusal dependency-missing"]);
});

test("BUILD_EXCLUSIVE is a skip, not a failure", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", excluded: ["6.1"] }] });
  assert.equal(install(state, scope({ releases: ["6.1"] })), ["skip excluded"]);
});

test("headers that are there for another release are named, and what brings both to one release", () => {
  const state = world({
    kernels: [
      { release: "6.1", headers: "no" },
      { release: "6.2", modules: "leftover" },
    ],
    modules: [{ module: "tiny/1.0" }],
  });
  const { findings } = decide(state, {
    kind: "transaction-install",
    scope: scope({ releases: ["6.2"], sources: ["tiny-1.0"] }),
  });
  const told = findings.map(({ error }) => `${error.message} ${error.facts.hint}`).join("\n");
  assert.match(told, "There are headers for 6.2, which is another release.");
  assert.match(told, "pacman -Syu linux linux-headers");
});

test("missing headers are told once for a kernel, with the name of their package", () => {
  const state = world({
    kernels: [{ release: "6.1-zen", pkgbase: "linux-zen", headers: "no" }],
    modules: [{ module: "zfs/2.2" }, { module: "nvidia/560" }],
  });
  const { findings } = decide(state, { kind: "transaction-install", scope: scope({ releases: ["6.1-zen"] }) });
  assert.is(findings.length, 1);
  assert.match(findings[0]?.error.facts.hint ?? "", "linux-zen-headers");
  assert.match(findings[0]?.error.message ?? "", "zfs/2.2, nvidia/560");
});

test("hooks build what leaves AUTOINSTALL out and not what refuses it; autoinstall only what asks for it", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [
      { module: "asks/1", autoinstall: "yes" },
      { module: "silent/1", autoinstall: "unset" },
      { module: "refuses/1", autoinstall: "no" },
    ],
  });
  assert.equal(built(install(state, scope({ releases: ["6.1"] }))), ["Build asks/1 for 6.1", "Build silent/1 for 6.1"]);
  assert.equal(built(words(decide(state, { kind: "autoinstall", kernel: kernel("6.1") }))), ["Build asks/1 for 6.1"]);
});

for (const [what, changes, expected] of [
  ["is not meant for the kernel", { excluded: ["6.1"] }, ["Build zfs/2 for 6.1"]],
  ["refuses AUTOINSTALL", { autoinstall: "no" }, ["Build zfs/2 for 6.1"]],
  ["is installed all the same", { excluded: ["6.1"], installed: ["6.1"] }, []],
  ["fits as well", {}, ["Build zfs/3 for 6.1"]],
] as const) {
  test(`autoinstall chooses the newest version that fits: the newer one ${what}`, () => {
    const modules = [{ module: "zfs/1" }, { module: "zfs/2" }, { module: "zfs/3", ...changes }];
    const state = world({ kernels: [{ release: "6.1" }], modules });
    assert.equal(built(words(decide(state, { kind: "autoinstall", kernel: kernel("6.1") }))), expected);
  });
}

test("autoinstall reports a version that is not meant for the kernel where no other fits", () => {
  const modules = [
    { module: "zfs/1", excluded: ["6.1"] },
    { module: "zfs/2", excluded: ["6.1"] },
  ];
  const state = world({ kernels: [{ release: "6.1" }], modules });
  assert.equal(words(decide(state, { kind: "autoinstall", kernel: kernel("6.1") })), ["skip excluded"]);
});

for (const [why, changes, headers] of [
  ["is not meant for the kernel", { excluded: ["6.1"] }, "yes"],
  ["finds no headers", {}, "no"],
  ["needs what is not there", { buildDepends: ["base"] }, "yes"],
] as const) {
  test(`a new version that ${why} is registered, so that its removal takes the old one along`, () => {
    const old = { module: "zfs/1", source: "removed", installed: ["6.1"] } as const;
    const kernels = [{ release: "6.1", headers }] as const;
    const upgraded = world({ kernels, modules: [old, { module: "zfs/2", registered: "no", ...changes }] });
    const steps = install(upgraded, scope({ sources: ["zfs-2"] }));
    assert.equal(
      steps.filter((step) => !/^(skip|refusal)/.test(step)),
      ["Add zfs/2 from /usr/src/zfs-2"],
    );
    const removed = world({ kernels, modules: [old, { module: "zfs/2", source: "removed" }] });
    const request = { kind: "transaction-remove", scope: scope({ sources: ["zfs-2"] }) } as const;
    assert.equal(words(decide(removed, request)).slice(0, 2), [
      "Uninstall zfs/1 for 6.1",
      "Delete the build of zfs/1 for 6.1",
    ]);
  });
}

test("of two versions the one that the transaction named is wanted, else the newest", () => {
  const modules = [{ module: "zfs/2.9" }, { module: "zfs/2.10" }];
  const state = world({ kernels: [{ release: "6.1" }], modules });
  assert.equal(install(state, scope({ releases: ["6.1"] }))[0], "Build zfs/2.10 for 6.1");
  assert.equal(install(state, scope({ sources: ["zfs-2.9"] }))[0], "Build zfs/2.9 for 6.1");
});

test("what says BUILD_DEPENDS_REBUILD is built again with a new version of what it depends on", () => {
  const top = { module: "top/1", installed: ["6.1"], buildDepends: ["base"], rebuild: "yes" } as const;
  const modules = [
    { ...top, builtWith: { base: "1" } },
    { module: "base/1", source: "removed", installed: ["6.1"] },
    { module: "base/2" },
  ] as const;
  assert.equal(built(install(world({ kernels: [{ release: "6.1" }], modules }), scope({ sources: ["base-2"] }))), [
    "Build base/2 for 6.1",
    "Build top/1 for 6.1",
  ]);
  const request = {
    kind: "install",
    module: moduleId("base/2"),
    directory: undefined,
    kernels: { kind: "all" },
    force: false,
  } as const;
  assert.equal(built(words(decide(world({ kernels: [{ release: "6.1" }], modules }), request))), [
    "Build base/2 for 6.1",
    "Build top/1 for 6.1",
  ]);
});

test("pairs that an earlier run left unfinished are in scope", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "zfs/2.2" }],
    pending: ["zfs/2.2/6.1/x86_64"],
  });
  assert.equal(install(state, scope({}))[0], "Build zfs/2.2 for 6.1");
});

test("what waited for a dependency comes with it, and what it needs besides", () => {
  const modules = [
    { module: "base/1" },
    { module: "other/1" },
    { module: "top/1", buildDepends: ["base", "other"] },
    { module: "idle/1", buildDepends: ["base"], built: ["6.1"] },
  ] as const;
  const plan = decide(world({ kernels: [{ release: "6.1" }], modules }), {
    kind: "transaction-install",
    scope: scope({ sources: ["base-1"] }),
  });
  assert.equal(built(words(plan)), ["Build base/1 for 6.1", "Build other/1 for 6.1", "Build top/1 for 6.1"]);
  const reasons = plan.steps.flatMap(({ step, reason }) => (step.kind === "build" ? [reason] : []));
  assert.equal(reasons.slice(1), ["top/1 needs it", "it waits for base/1"]);
});

test("a dependency that cannot be had makes nobody who waited for it speak up, nor be rebuilt", () => {
  const modules = [
    { module: "base/1", installed: ["6.1"], source: "removed" },
    { module: "base/2", excluded: ["6.1"] },
    { module: "top/1", buildDepends: ["base"], rebuild: "yes", installed: ["6.1"], builtWith: { base: "1" } },
    { module: "waiting/1", buildDepends: ["base"] },
  ] as const;
  const state = world({ kernels: [{ release: "6.1" }], modules });
  assert.equal(install(state, scope({ sources: ["base-2"] })), ["skip excluded"]);
});

test("without headers what is installed stays as it is, and of a kernel that no package owns nothing is said", () => {
  const kernels = [
    { release: "6.1", headers: "no" },
    { release: "6.2", headers: "no", pkgbase: "none" },
    { release: "6.3", headers: "no" },
  ] as const;
  const modules = [
    { module: "zfs/2.1", source: "removed", installed: ["6.2"] },
    { module: "zfs/2.2", installed: ["6.1"], built: ["6.3"], freshness: "changed" },
  ] as const;
  const plan = decide(world({ kernels, modules }), {
    kind: "transaction-install",
    scope: scope({ sources: ["zfs-2.2"] }),
  });
  assert.equal(words(plan), ["refusal headers-missing"]);
  assert.match(plan.findings[0]?.error.message ?? "", "6.3");
});

test("what is built and not meant for its kernel is not installed there", () => {
  const modules = [{ module: "zfs/2.2", built: ["6.1"], excluded: ["6.1"] }] as const;
  assert.equal(install(world({ kernels: [{ release: "6.1" }], modules }), scope({ releases: ["6.1"] })), [
    "skip excluded",
  ]);
});

test("of two versions the one that is meant for the kernel is wanted there, whichever is newer", () => {
  const modules = [{ module: "zfs/2.1" }, { module: "zfs/2.2", excluded: ["6.1"] }] as const;
  const state = world({ kernels: [{ release: "6.1" }, { release: "6.2" }], modules });
  assert.equal(built(install(state, scope({ releases: ["6.1", "6.2"] }))), [
    "Build zfs/2.2 for 6.2",
    "Build zfs/2.1 for 6.1",
  ]);
});

test("what a tarball of binaries has brought is not built for other kernels", () => {
  const state = world({
    kernels: [{ release: "6.1" }, { release: "6.2" }],
    modules: [{ module: "wl/1", installed: ["6.1"] }],
  });
  const binaries = state.modules.map((module) => ({ ...module, source: "/var/lib/dkms/wl/1/source" }));
  assert.equal(install({ ...state, modules: binaries }, scope({ releases: ["6.1", "6.2"] })), []);
});

test("pairs of removed kernels go with every run, the install hook's as well", () => {
  const modules = [{ module: "zfs/2.2", installed: ["6.0", "6.1"] }] as const;
  assert.equal(install(world({ kernels: [{ release: "6.1" }], modules }), scope({})), [
    "Uninstall zfs/2.2 for 6.0",
    "Delete the build of zfs/2.2 for 6.0",
  ]);
});

test("a run that was killed while it installed is completed: objects, what they replace, index", () => {
  const modules = [{ module: "zfs/2.2", installed: ["6.1"] }] as const;
  const state = world({
    kernels: [{ release: "6.1" }],
    modules,
    pending: ["zfs/2.2/6.1/x86_64", "zfs/2.2/6.0/x86_64"],
  });
  assert.equal(install(state, scope({})), ["Install zfs/2.2 for 6.1", "Run depmod for 6.1"]);
});

test("whichever command installs the awaited version removes the old one, and forgets it with its last result", () => {
  const modules = [{ module: "zfs/2.1", source: "removed", installed: ["6.1", "6.2"] }, { module: "zfs/2.2" }] as const;
  const state = world({ kernels: [{ release: "6.1" }, { release: "6.2" }], modules });
  const command = (kernels: readonly string[]): readonly string[] =>
    words(
      decide(state, {
        kind: "install",
        module: moduleId("zfs/2.2"),
        directory: undefined,
        kernels: { kind: "these", kernels: kernels.map(kernel) },
        force: false,
      }),
    ).filter((line) => /^(Delete|Forget)/.test(line));
  assert.equal(command(["6.1"]), ["Delete the build of zfs/2.1 for 6.1"]);
  assert.equal(command(["6.1", "6.2", "6.1"]), [
    "Delete the build of zfs/2.1 for 6.1",
    "Delete the build of zfs/2.1 for 6.2",
    "Forget zfs/2.1",
  ]);
});

test("what is removed goes after what is built for its kernel: that may be built with it", () => {
  const modules = [
    { module: "base/1", source: "removed", installed: ["6.1"] },
    { module: "top/1", buildDepends: ["base"] },
  ] as const;
  const state = world({ kernels: [{ release: "6.1" }], modules, pending: ["base/1/6.1/x86_64"] });
  const { steps } = decide(state, { kind: "transaction-install", scope: scope({ releases: ["6.1"] }) });
  const build = steps.findIndex(({ step }) => step.kind === "build");
  assert.equal(steps.find(({ step }) => step.kind === "uninstall")?.after, [build]);
});

const predecessors: readonly (readonly [what: string, old: Partial<ModuleSpec>, givesWay: boolean])[] = [
  ["whose source was removed", { source: "removed" }, true],
  ["whose source is there", {}, false],
  ["with other objects", { source: "removed", objects: ["other"] }, false],
  ["that is only built", { source: "removed", installed: [], built: ["6.1"] }, false],
  ["that is installed for another kernel", { source: "removed", installed: ["6.2"] }, false],
];
for (const [what, old, givesWay] of predecessors) {
  test(`another package ${what} and brings an object of the same name ${givesWay ? "gives way" : "is left alone"}`, () => {
    const state = world({
      kernels: [{ release: "6.1" }],
      modules: [
        { module: "new/1", objects: ["tiny", "more"] },
        { module: "old/1", objects: ["tiny"], installed: ["6.1"], ...old },
      ],
    });
    assert.equal(
      install(state, scope({ sources: ["new-1"] })).filter((line) => line.includes("Install")),
      [`Install new/1 for 6.1${givesWay ? " in place of old/1" : ""}`],
    );
  });
}

test("what gives way to another package is removed after that is installed, if both is left to one run", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [
      { module: "new/1", objects: ["tiny"] },
      { module: "old/1", objects: ["tiny"], source: "removed", installed: ["6.1"] },
    ],
    pending: ["old/1/6.1/x86_64"],
  });
  const { steps } = decide(state, { kind: "transaction-install", scope: scope({ sources: ["new-1"] }) });
  const position = steps.findIndex(({ step }) => step.kind === "install");
  assert.ok(steps.find(({ step }) => step.kind === "uninstall")?.after.includes(position));
});

test("what is only to follow another module, and goes in a circle, keeps nobody from being built with what is there of it", () => {
  const modules = [
    { module: "base/2" },
    { module: "loop/1", installed: ["6.1"], buildDepends: ["base", "loop"], rebuild: "yes", builtWith: { base: "1" } },
    { module: "top/1", buildDepends: ["loop"] },
  ] as const;
  const lines = install(world({ kernels: [{ release: "6.1" }], modules }), scope({ sources: ["base-2", "top-1"] }));
  assert.equal(
    lines.filter((line) => /^(Build|refusal)/.test(line)),
    ["refusal dependency-circle", "Build base/2 for 6.1", "Build top/1 for 6.1"],
  );
});

test("another version of what waits is not brought in place of one that is refused", () => {
  const modules = [
    { module: "base/1" },
    { module: "top/1", buildDepends: ["base"] },
    { module: "top/2", buildDepends: ["base"] },
  ] as const;
  const state = world({ kernels: [{ release: "6.1" }], modules });
  const bad = { kind: "invalid", path: "/usr/src/top-1/dkms.conf", errors: ["MAKE is bad"] } as const;
  const confs = new Map([...state.confs, ["top/1/6.1/x86_64", bad] as const]);
  const lines = install({ ...state, confs }, scope({ sources: ["base-1", "top-1"] }));
  assert.equal(
    lines.filter((line) => /^(Build|refusal)/.test(line)),
    ["refusal conf-invalid", "Build base/1 for 6.1"],
  );
});

test("match brings dependencies first, in whatever order the tree has them", () => {
  const modules = [
    { module: "apple/1", installed: ["6.1"], buildDepends: ["zebra"] },
    { module: "zebra/1", installed: ["6.1"] },
  ] as const;
  const state = world({ kernels: [{ release: "6.1" }, { release: "6.2" }], modules });
  const request = {
    kind: "match",
    template: kernel("6.1"),
    kernel: kernel("6.2"),
    name: undefined,
    force: false,
  } as const;
  assert.equal(built(words(decide(state, request))), ["Build zebra/1 for 6.2", "Build apple/1 for 6.2"]);
});

test.run();
