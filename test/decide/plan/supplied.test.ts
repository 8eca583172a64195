import { test } from "uvu";
import * as assert from "uvu/assert";
import { diagnose } from "../../../src/decide/doctor/doctor.ts";
import { decide } from "../../../src/decide/plan/plan.ts";
import type { Request } from "../../../src/model/run/request.ts";
import { kernel, moduleId, scope, words, world, type ModuleSpec } from "../world-builder.ts";
import { health } from "../prune/leftovers-builder.ts";

const transaction: Request = { kind: "transaction-install", scope: scope({ releases: ["6.1"] }) };
const bring = (kind: "build" | "install", force: boolean): Request => ({
  kind,
  module: moduleId("zfs/2.2"),
  directory: undefined,
  kernels: { kind: "these", kernels: [kernel("6.1")] },
  force,
});
const match: Request = { kind: "match", template: kernel("6.0"), kernel: kernel("6.1"), name: undefined, force: false };
const [plain, elsewhere, installed]: readonly ModuleSpec[] = [
  { module: "zfs/2.2" },
  { module: "zfs/2.2", installed: ["6.0"] },
  { module: "zfs/2.2", installed: ["6.1"] },
];
const made = ["Build zfs/2.2 for 6.1", "Install zfs/2.2 for 6.1", "Run depmod for 6.1"];

const rows: readonly (readonly [
  title: string,
  Request,
  ModuleSpec | undefined,
  supplied: string,
  readonly string[],
])[] = [
  ["a transaction leaves it alone", transaction, plain, "zfs/2.2", ["skip supplied"]],
  ["in another version as well", transaction, plain, "zfs/2.1", ["skip supplied"]],
  ["another module of the package's is none of ours", transaction, plain, "spl/2.2", made],
  [
    "what was installed from the tree makes way, and stays built",
    transaction,
    installed,
    "zfs/2.2",
    ["skip supplied", "Uninstall zfs/2.2 for 6.1", "Run depmod for 6.1"],
  ],
  ["autoinstall leaves it alone", { kind: "autoinstall", kernel: kernel("6.1") }, plain, "zfs/2.2", ["skip supplied"]],
  ["match leaves it alone", match, elsewhere, "zfs/2.2", ["skip supplied"]],
  ["install has nothing to do", bring("install", false), plain, "zfs/2.2", ["skip supplied"]],
  ["install of another version is refused", bring("install", false), plain, "zfs/2.1", ["refusal install-refused"]],
  ["install --force does it", bring("install", true), plain, "zfs/2.1", made],
  ["build is for who makes packages", bring("build", false), plain, "zfs/2.2", ["Build zfs/2.2 for 6.1"]],
];

for (const [title, request, module, supplied, expected] of rows) {
  test(title, () => {
    const state = world({
      kernels: [{ release: "6.0" }, { release: "6.1" }],
      modules: module === undefined ? [] : [module],
      supplies: [{ module: supplied, release: "6.1" }],
    });
    assert.equal(words(decide(state, request)), expected);
  });
}

test("what waits for it is not brought by its consequences", () => {
  const state = world({
    kernels: [{ release: "6.1" }],
    modules: [{ module: "spl/2.2" }, { module: "zfs/2.2", buildDepends: ["spl"] }],
    supplies: [{ module: "spl/2.2", release: "6.1" }],
  });
  const plan = decide(state, { kind: "transaction-install", scope: scope({ sources: ["zfs-2.2"] }) });
  assert.equal(words(plan), ["refusal dependency-missing"]);
});

test("without headers nothing is missed", () => {
  const state = world({
    kernels: [{ release: "6.1", headers: "no" }],
    modules: [{ module: "zfs/2.2" }],
    supplies: [{ module: "zfs/2.2", release: "6.1" }],
  });
  assert.equal(words(decide(state, transaction)), ["skip supplied"]);
});

test("doctor misses nothing, and tells of a module that is there twice", () => {
  const codes = (module: ModuleSpec): readonly string[] =>
    diagnose(
      health(
        world({ kernels: [{ release: "6.1" }], modules: [module], supplies: [{ module: "zfs/2.2", release: "6.1" }] }),
      ),
    ).map(({ code }) => code);
  assert.equal(codes({ module: "zfs/2.2" }), []);
  assert.equal(codes({ module: "zfs/2.2", built: ["6.1"] }), []);
  assert.equal(codes({ module: "zfs/2.2", installed: ["6.1"] }), ["supplied-twice"]);
});

test.run();
