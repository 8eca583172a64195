/** What is to be said of pairs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { outlookOf } from "../../../src/decide/outlook/outlook.ts";
import { kernel, moduleId, world, type KernelSpec, type ModuleSpec } from "../world-builder.ts";

const zfs: ModuleSpec = { module: "zfs/2", registered: "yes", autoinstall: "yes" };
const linux: KernelSpec = { release: "6.1", pkgbase: "linux" };

type Row = readonly [
  what: string,
  modules: readonly ModuleSpec[],
  kernel: KernelSpec,
  expected: readonly [state: string, isWanted: boolean, isSkipped: boolean, reason: RegExp],
];

const rows: readonly Row[] = [
  ["nobody knows it", [], linux, ["not built", false, false, /does not have it/]],
  ["installed", [{ ...zfs, installed: ["6.1"] }], linux, ["installed", true, false, /up to date/]],
  ["not built", [zfs], linux, ["not built", true, false, /\S/]],
  ["excluded", [{ ...zfs, excluded: ["6.1"] }], linux, ["not built", false, true, /\S/]],
  ["no AUTOINSTALL", [{ ...zfs, autoinstall: "no" }], linux, ["not built", false, false, /says AUTOINSTALL="no"/]],
  ["no headers", [zfs], { ...linux, headers: "no" }, ["not built", true, false, /headers/]],
  [
    "no headers of a kernel that it is not for",
    [{ ...zfs, autoinstall: "no" }],
    { ...linux, headers: "no" },
    ["not built", false, false, /AUTOINSTALL/],
  ],
  [
    "no headers of a kernel without an owner",
    [zfs],
    { ...linux, pkgbase: "none", headers: "no" },
    ["not built", false, false, /no package owns/],
  ],
  ["no owner of the kernel", [zfs], { ...linux, pkgbase: "none" }, ["not built", false, false, /no package owns|\S/]],
  ["no source", [{ ...zfs, source: "removed", installed: ["6.1"] }], linux, ["installed", false, false, /missing/]],
];

for (const [what, modules, spec, [state, isWanted, isSkipped, reason]] of rows) {
  test(what, () => {
    const outlook = outlookOf(world({ kernels: [spec], modules }), undefined);
    const found = outlook({ module: moduleId("zfs/2"), kernel: kernel("6.1") });
    assert.equal([found.state, found.isWanted, found.isSkipped], [state, isWanted, isSkipped], found.reason);
    assert.match(found.reason, reason);
  });
}

test("the failure of the last transaction is that of the same pair", () => {
  const failed = {
    module: "zfs",
    version: "2",
    kernel: "6.1",
    arch: "x86_64",
    result: "failed",
    message: "no",
  } as const;
  const report = { format: 1, transaction: "1:2", pairs: [failed], problems: [] } as const;
  const two = world({ kernels: [linux, { release: "6.2" }], modules: [zfs] });
  const outlook = outlookOf(two, report);
  assert.is(outlook({ module: moduleId("zfs/2"), kernel: kernel("6.1") }).lastFailure?.message, "no");
  assert.is(outlook({ module: moduleId("zfs/2"), kernel: kernel("6.2") }).lastFailure, undefined);
});

test.run();
