import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Hook, Trigger } from "../../../src/alpm/hook/hook.ts";
import { imageModules, isHookSource } from "../../../src/decide/initramfs/modules.ts";
import { planTransactionInstall } from "../../../src/decide/plan/install-plans.ts";
import { kernel, scope, world, type KernelSpec, type ModuleSpec } from "../world-builder.ts";

const operations = ["Install"] as const;
const packages: Trigger = { operations, type: "Package", targets: ["linux", "linux-headers", "vbox", "zfs-dkms"] };
const paths: Trigger = { operations, type: "Path", targets: ["usr/src/zfs-*/dkms.conf"] };
const action = {
  when: "PostTransaction",
  exec: "/bin/true",
  depends: [],
  abortOnFail: false,
  needsTargets: true,
} as const;
const hook: Hook = { triggers: [packages, paths], action };
const owned = new Map([
  ["vbox", ["usr/src/vboxhost-7.0_OSE/dkms.conf"]],
  ["stranger", ["usr/src/stranger-1/dkms.conf"]],
]);

const rows: readonly (readonly [directory: string, expected: boolean])[] = [
  ["zfs-2.2.2", true],
  ["vboxhost-7.0_OSE", true],
  ["stranger-1", false],
  ["vbox-1", false],
];

for (const [directory, expected] of rows) {
  test(`${directory}: ${expected ? "counts" : "does not count"}`, () => {
    assert.is(isHookSource({ hook, owned }, directory), expected);
  });
}

test("without a hook every module counts", () => {
  assert.ok(isHookSource({ hook: undefined, owned: new Map() }, "stranger-1"));
});

const release = "6.6.1-arch1-1";

interface Row {
  readonly what: string;
  readonly kernel?: Partial<KernelSpec>;
  readonly modules: readonly ModuleSpec[];
  /** What a package brings prebuilt. */
  readonly supplied?: string;
  readonly missing: readonly string[];
}

const worlds: readonly Row[] = [
  { what: "installed", modules: [{ module: "zfs/2", installed: [release] }], missing: [] },
  {
    what: "installed, and not up to date",
    modules: [{ module: "zfs/2", installed: [release], freshness: "changed" }],
    missing: [],
  },
  { what: "not built", modules: [{ module: "zfs/2" }], missing: ["zfs/2"] },
  { what: "built, not installed", modules: [{ module: "zfs/2", built: [release] }], missing: ["zfs/2"] },
  {
    what: "the version before is still there",
    modules: [{ module: "zfs/1", installed: [release], source: "removed" }, { module: "zfs/2" }],
    missing: ["zfs/2"],
  },
  { what: "not meant for this kernel", modules: [{ module: "zfs/2", excluded: [release] }], missing: [] },
  { what: "not to be installed by itself", modules: [{ module: "zfs/2", autoinstall: "no" }], missing: [] },
  { what: "another module", modules: [{ module: "other/1" }], missing: [] },
  {
    what: "no headers: all of them",
    kernel: { headers: "no" },
    modules: [{ module: "abc/1" }, { module: "zfs/2" }, { module: "zfs-more/1", installed: [release] }],
    missing: ["zfs/2"],
  },
  {
    what: "prebuilt by a package, in another version, without headers",
    kernel: { headers: "no" },
    modules: [{ module: "zfs/2" }, { module: "zfs-more/1" }],
    supplied: "zfs/1",
    missing: ["zfs-more/1"],
  },
  {
    what: "the kernel has it itself",
    modules: [{ module: "zfs/1" }, { module: "zfs/2", built: [release], yieldsTo: "/own.ko" }],
    missing: [],
  },
  {
    what: "a circle of dependencies",
    modules: [
      { module: "zfs/2", buildDepends: ["zfs-more"] },
      { module: "zfs-more/1", buildDepends: ["zfs"] },
    ],
    missing: ["zfs/2", "zfs-more/1"],
  },
];

for (const { what, kernel: more, modules, supplied, missing } of worlds) {
  test(`${what}: ${missing.length === 0 ? "nothing is missing" : `${missing.join(", ")} missing`}`, () => {
    const supplies = supplied === undefined ? [] : [{ module: supplied, release }];
    const observed = world({ kernels: [{ release, ...more }], modules, supplies });
    const plan = planTransactionInstall(observed, scope({ releases: [release] }));
    const counts = (directory: string): boolean => directory.startsWith("zfs-");
    assert.equal(imageModules(observed, plan, kernel(release), counts).missing, missing);
  });
}

test.run();
