/** The judgement of the next boot, from facts to verdicts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeBoot, judgeKernel, requiredModuleFaults } from "../../../src/decide/boot/judgement.ts";
import type { KernelFacts, RequiredModule } from "../../../src/model/boot/facts.ts";
import type { KernelJudgement } from "../../../src/model/boot/verdict.ts";
import { absent, entry, installed, kernelFacts, listed, ofRelease } from "./facts-builder.ts";

const zfs: RequiredModule = { name: "zfs", because: "the root file system is of its type" };
const builtIn = absent("zfs", { kind: "kernels-own", builtIn: true });
const good = entry(ofRelease("6.2"), listed(["zfs"], ["6.2"]));

/** `ready`, `not-checked`, or the faults: `image-lacks zfs`. */
function words({ verdict }: KernelJudgement): string {
  if (verdict.kind !== "not-ready") return verdict.kind;
  const names = verdict.faults.map((fault) => {
    const defect = "defect" in fault ? `:${fault.defect.kind}` : "";
    return `${fault.kind}${defect}${"module" in fault ? ` ${fault.module}` : ""}`;
  });
  return names.join(", ");
}

const oneKernel: readonly [title: string, facts: KernelFacts, required: readonly RequiredModule[], expected: string][] =
  [
    ["module and image are right", kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], good), [zfs], "ready"],
    ["nothing is required", kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], good), [], "ready"],
    ["no module at all", kernelFacts("6.2", [], good), [], "ready"],
    ["the boot setup is not known", kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")]), [zfs], "not-checked"],
    [
      "the required module is no longer known",
      kernelFacts("6.2", [], entry(ofRelease("6.2"), listed([], ["6.2"]))),
      [zfs],
      "module-missing zfs, image-lacks zfs",
    ],
    [
      "BUILD_EXCLUSIVE leaves out the required module",
      kernelFacts("6.2", [absent("zfs", { kind: "excluded", why: "too new" })], good),
      [zfs],
      "module-excluded zfs",
    ],
    [
      "BUILD_EXCLUSIVE leaves out another module",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2"), absent("wl", { kind: "excluded", why: "too new" })], good),
      [zfs],
      "ready",
    ],
    [
      "a wanted module is missing",
      kernelFacts("6.2", [absent("wl", { kind: "missing", id: undefined, cause: { kind: "no-headers" } })], good),
      [],
      "module-missing wl",
    ],
    [
      "the kernel's own module is used",
      kernelFacts("6.2", [absent("zfs", { kind: "kernels-own", builtIn: false })], good),
      [zfs],
      "ready",
    ],
    [
      "the required module is built into the kernel",
      kernelFacts("6.2", [builtIn], entry(ofRelease("6.2"), listed([], ["6.2"]))),
      [zfs],
      "ready",
    ],
    [
      "the required module is built into a kernel without an image",
      kernelFacts("6.2", [builtIn], entry(ofRelease("6.2"), undefined)),
      [zfs],
      "ready",
    ],
    [
      "the required module is built in, and the image was not read",
      kernelFacts("6.2", [builtIn], entry(ofRelease("6.2"), { kind: "unread", why: "no lister" })),
      [zfs],
      "ready",
    ],
    ...(
      [
        ["absent", { bytes: "absent" }],
        ["altered", { bytes: "altered" }],
        ["vermagic", { vermagic: "6.1 SMP" }],
        ["machine", { machine: "aarch64" }],
        ["not-indexed", { indexed: false }],
        ["unsigned", { signed: false, signatureDemand: "the kernel is locked down" }],
      ] as const
    ).map(([kind, changes]): (typeof oneKernel)[number] => [
      `an object is ${kind}`,
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2", changes)], good),
      [],
      `object-bad:${kind} zfs 2.2.2`,
    ]),
    [
      "an object without a signature loads where nobody asks for one",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2", { signed: false })], good),
      [],
      "ready",
    ],
    [
      "the kernel in /boot is of another release",
      kernelFacts("6.2", [], entry(ofRelease("6.1"), listed([], ["6.2"]))),
      [],
      "kernel-other-release",
    ],
    [
      "there is no kernel in /boot",
      kernelFacts("6.2", [], entry({ kind: "absent" }, listed([], ["6.2"]))),
      [],
      "kernel-absent",
    ],
    [
      "the kernel in /boot is cut off",
      kernelFacts("6.2", [], entry({ kind: "damaged", why: "it is cut off" }, listed([], ["6.2"]))),
      [],
      "kernel-damaged",
    ],
    [
      "the release of the kernel in /boot is not known",
      kernelFacts("6.2", [], entry({ kind: "unknown", why: "no release in it" }, listed([], ["6.2"]))),
      [],
      "not-checked",
    ],
    ["there is no image", kernelFacts("6.2", [], entry(ofRelease("6.2"), { kind: "absent" })), [], "image-absent"],
    [
      "the image is cut off",
      kernelFacts("6.2", [], entry(ofRelease("6.2"), { kind: "damaged", why: "it is cut off" })),
      [],
      "image-damaged",
    ],
    [
      "the image is of another release",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), listed(["zfs"], ["6.1"]))),
      [zfs],
      "image-other-release",
    ],
    [
      "the image lacks the module",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), listed(["ext4"], ["6.2"]))),
      [zfs],
      "image-lacks zfs",
    ],
    [
      "the image is older than the module",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), listed(["zfs"], ["6.2"], 99))),
      [zfs],
      "image-older zfs",
    ],
    [
      "the image is older than the module, and nobody could compare them",
      kernelFacts(
        "6.2",
        [installed("zfs/2.2.2", "6.2")],
        entry(ofRelease("6.2"), { ...listed(["zfs"], ["6.2"], 99), uncompared: new Set(["zfs"]) }),
      ),
      [zfs],
      "not-checked",
    ],
    [
      "an unread image is enough where nothing is required",
      kernelFacts("6.2", [], entry(ofRelease("6.2"), { kind: "unread", why: "nothing to look for" })),
      [],
      "ready",
    ],
    [
      "an unread image is not enough for a required module",
      kernelFacts(
        "6.2",
        [installed("zfs/2.2.2", "6.2")],
        entry(ofRelease("6.2"), { kind: "unread", why: "no lister" }),
      ),
      [zfs],
      "not-checked",
    ],
    [
      "there is no initramfs to have the module",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), undefined)),
      [zfs],
      "no-image zfs",
    ],
    [
      "the fallback image has what the default one lacks",
      kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), { kind: "absent" }), good),
      [zfs],
      "image-absent",
    ],
    [
      "the kernel was written below an unmounted /boot",
      kernelFacts("6.2", [], { ...entry(ofRelease("6.2"), listed([], ["6.2"])), unmounted: "/boot" }),
      [],
      "written-below-mount",
    ],
    [
      "/boot is not mounted, and nothing was written below it",
      kernelFacts("6.2", [], { ...entry({ kind: "absent" }, { kind: "absent" }), unmounted: "/boot" }),
      [],
      "not-checked",
    ],
  ];

for (const [title, facts, required, expected] of oneKernel) {
  test(title, () => assert.is(words(judgeKernel(facts, required)), expected));
}

test("a module is required in the images of the named kernels only", () => {
  const bare = kernelFacts("6.2", [], entry(ofRelease("6.2"), listed([], ["6.2"])));
  assert.is(words(judgeKernel(bare, [{ ...zfs, kernels: new Set(["linux-lts"]) }])), "ready");
});

test("a fault of a fallback image is a remark", () => {
  const facts = kernelFacts("6.2", [], good, entry(ofRelease("6.2"), { kind: "absent" }));
  const judged = judgeKernel(facts, []);
  assert.is(words(judged), "ready");
  assert.equal(
    judged.remarks.map(({ kind }) => kind),
    ["image-absent"],
  );
});

test("facts that were found are named", () => {
  const { found } = judgeKernel(kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], good), [zfs]);
  assert.equal(found.modules, ["zfs 2.2.2"]);
  assert.equal(found.kernelFiles, ["/boot/vmlinuz-linux"]);
  assert.equal(found.images, [{ path: "/boot/initramfs-linux.img", contains: ["zfs"] }]);
});

test("an image is not said to contain what is built into the kernel", () => {
  const { found } = judgeKernel(kernelFacts("6.2", [builtIn], entry(ofRelease("6.2"), listed([], ["6.2"]))), [zfs]);
  assert.equal(found.kernelsOwn, ["zfs"]);
  assert.equal(found.images, [{ path: "/boot/initramfs-linux.img", contains: [] }]);
});

test("without any kernel nothing is left to boot", () => {
  assert.equal(judgeBoot({ kernels: [], required: [] }).nothingLeft, { kind: "no-kernel" });
});

test("a kernel that lacks the required module leaves nothing to boot, one that lacks another does not", () => {
  const without = (name: string): KernelFacts =>
    kernelFacts("6.2", [absent(name, { kind: "missing", id: undefined, cause: { kind: "not-installed" } })], good);
  assert.equal(judgeBoot({ kernels: [without("zfs")], required: [zfs] }).nothingLeft, {
    kind: "no-ready-kernel",
    modules: ["zfs"],
  });
  assert.is(judgeBoot({ kernels: [without("wl")], required: [] }).nothingLeft, undefined);
});

test("a second kernel that is ready, or was not checked, is something to boot", () => {
  const bad = kernelFacts("6.1", [], entry({ kind: "absent" }, { kind: "absent" }));
  for (const other of [kernelFacts("6.2", [], good), kernelFacts("6.2", [])]) {
    assert.is(judgeBoot({ kernels: [bad, other], required: [] }).nothingLeft, undefined);
  }
});

test("what kernel-install asks: required modules on disk, whatever the boot loader starts", () => {
  const kinds = (facts: KernelFacts, required: readonly RequiredModule[]): readonly string[] =>
    requiredModuleFaults(judgeKernel(facts, required)).map(({ kind }) => kind);
  const missing = absent("zfs", { kind: "missing", id: undefined, cause: { kind: "no-source" } });
  const bad = entry({ kind: "absent" }, undefined);
  assert.equal(kinds(kernelFacts("6.2", [missing], bad), [zfs]), ["module-missing"]);
  assert.equal(kinds(kernelFacts("6.2", [missing], bad), []), []);
  assert.equal(kinds(kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], bad), [zfs]), []);
  const other = installed("zfs/2.2.2", "6.2", { vermagic: "6.1 SMP " });
  assert.equal(kinds(kernelFacts("6.2", [other], good), [zfs]), ["object-bad"]);
  assert.equal(kinds(kernelFacts("6.2", [other], good), []), []);
  const excluded = absent("zfs", { kind: "excluded", why: "too new" });
  assert.equal(kinds(kernelFacts("6.2", [excluded], good), [zfs]), ["module-excluded"]);
});

test.run();
