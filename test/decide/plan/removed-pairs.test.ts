import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import type { Scope } from "../../../src/model/run/request.ts";
import type { World } from "../../../src/model/machine/world.ts";
import { scope, words, world } from "../world-builder.ts";

const remove = (state: World, what: Scope): readonly string[] =>
  words(decide(state, { kind: "transaction-remove", scope: what }));

test("a module whose source was removed leaves every kernel and the tree", () => {
  const state = world({
    kernels: [{ release: "6.1" }, { release: "6.2" }],
    modules: [{ module: "zfs/2.2", source: "removed", installed: ["6.1"], built: ["6.2"] }],
  });
  assert.equal(remove(state, scope({ sources: ["zfs-2.2"] })), [
    "Uninstall zfs/2.2 for 6.1",
    "Delete the build of zfs/2.2 for 6.1",
    "Delete the build of zfs/2.2 for 6.2",
    "Forget zfs/2.2",
    "Run depmod for 6.1",
  ]);
});

test("a directory name that differs from the module's is resolved by the link", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "vboxhost/7.0_OSE", directory: "vboxhost-oss", source: "removed", installed: ["6.1"] }],
  });
  assert.equal(remove(state, scope({ sources: ["vboxhost-7.0_OSE"] })), []);
  assert.is(remove(state, scope({ sources: ["vboxhost-oss"] }))[0], "Uninstall vboxhost/7.0_OSE for 6.1");
});

test("a removed kernel takes its pairs with it, whatever module they are of", () => {
  const state = world({
    kernels: [{ release: "6.1", modules: "leftover" }, { release: "6.2" }],
    modules: [{ module: "zfs/2.2", installed: ["6.1", "6.2"] }],
  });
  assert.equal(remove(state, scope({ releases: ["6.1"] })), [
    "Uninstall zfs/2.2 for 6.1",
    "Delete the build of zfs/2.2 for 6.1",
    "Clean up after kernel 6.1",
  ]);
});

test("modules of a kernel that only lost its headers stay", () => {
  const state = world({
    kernels: [{ release: "6.1", headers: "no" }],
    modules: [{ module: "zfs/2.2", installed: ["6.1"] }],
  });
  assert.equal(remove(state, scope({ releases: ["6.1"] })), []);
});

test("an old version stays while its successor is wanted and not installed", () => {
  const modules = [{ module: "zfs/2.1", source: "removed", installed: ["6.1", "6.2"] }, { module: "zfs/2.2" }] as const;
  const kernels = [{ release: "6.1" }, { release: "6.2" }];
  const what = scope({ sources: ["zfs-2.1"] });
  assert.equal(remove(world({ kernels, modules }), what), []);
  const half = [
    { module: "zfs/2.1", source: "removed", installed: ["6.2"], built: ["6.1"] },
    { module: "zfs/2.2", installed: ["6.1"] },
  ] as const;
  assert.equal(remove(world({ kernels, modules: half }), what), ["Delete the build of zfs/2.1 for 6.1"]);
});

test("modules whose source no target named stay, removed or not", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [
      { module: "binary/1", source: "removed", installed: ["6.1"] },
      { module: "zfs/2.2", installed: ["6.1"] },
    ],
  });
  assert.equal(remove(state, scope({ sources: ["other-1"] })), []);
});

test("an old version stays while the new one could not even be registered", () => {
  const modules = [
    { module: "zfs/2.1", source: "removed", installed: ["6.1"] },
    { module: "zfs/2.2", registered: "no", excluded: ["6.1"] },
  ] as const;
  assert.equal(remove(world({ kernels: [{ release: "6.1" }], modules }), scope({ sources: ["zfs-2.1"] })), []);
});

test("a version that was kept for another goes when the source of that one goes", () => {
  const modules = [
    { module: "zfs/2.1", source: "removed", installed: ["6.1"] },
    { module: "zfs/2.2", source: "removed" },
  ] as const;
  assert.equal(remove(world({ kernels: [{ release: "6.1" }], modules }), scope({ sources: ["zfs-2.2"] })), [
    "Uninstall zfs/2.1 for 6.1",
    "Delete the build of zfs/2.1 for 6.1",
    "Forget zfs/2.2",
    "Forget zfs/2.1",
    "Run depmod for 6.1",
  ]);
});

test("what somebody built for a kernel that never was here stays until something names that kernel", () => {
  const kernels = [{ release: "6.2", modules: "leftover" }] as const;
  const state = world({ kernels, modules: [{ module: "zfs/2.2", built: ["6.1", "6.2"] }] });
  assert.equal(remove(state, scope({ sources: ["zfs-2.1"] })), []);
  assert.equal(remove(state, scope({ releases: ["6.1"] })), ["Delete the build of zfs/2.2 for 6.1"]);
});

test("a kernel that is there is not removed for another architecture", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.2", installed: ["6.1"] }] });
  const kernels = state.kernels.map((known) => ({ ...known, arch: "i686" as typeof known.arch }));
  assert.equal(remove({ ...state, kernels }, scope({ releases: ["6.1"] })), []);
});

test("a source directory that holds nothing but strangers' files counts as removed", () => {
  const modules = [{ module: "zfs/2.1", installed: ["6.1"] }] as const;
  const state = world({ kernels: [{ release: "6.1" }], modules });
  const confs = new Map([...state.confs].map(([key, { path }]) => [key, { kind: "missing", path } as const]));
  assert.equal(remove({ ...state, confs }, scope({ sources: ["zfs-2.1"] }))[0], "Uninstall zfs/2.1 for 6.1");
});

test("the running kernel's pairs stay while its modules do, though no package owns it any more", () => {
  const kernels = [{ release: "6.1", pkgbase: "none", headers: "no" }] as const;
  const state = world({ running: "6.1", kernels, modules: [{ module: "zfs/2.2", installed: ["6.1"] }] });
  assert.equal(remove(state, scope({ releases: ["6.1"] })), []);
});

test.run();
