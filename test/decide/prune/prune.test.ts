import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import { planPrune } from "../../../src/decide/prune/prune.ts";
import type { Leftovers } from "../../../src/model/health/leftovers.ts";
import type { World } from "../../../src/model/machine/world.ts";
import { deletionWords } from "../../../src/tell/prune.ts";
import { found, leftovers, record } from "./leftovers-builder.ts";
import { kernel, moduleId, scope, words, world } from "../world-builder.ts";

/** A pruning in words: what is deleted, the steps, what is left alone. */
function prune(state: World, what: Partial<Leftovers> = {}, force = false): readonly string[] {
  const { plan, deletions, leftAlone } = planPrune(state, leftovers(what), { force });
  return [
    ...deletions.map((item) => `delete ${deletionWords(item)}`),
    ...words(plan),
    ...leftAlone.map(({ subject }) => `leave ${subject.replace(" (x86_64)", "")}`),
  ];
}

const healthy = {
  running: "6.1",
  kernels: [{ release: "6.1" }, { release: "6.2" }, { release: "6.3", pkgbase: "none" }],
  modules: [
    { module: "zfs/2.1", installed: ["6.3"], built: ["6.1"] },
    { module: "zfs/2.2", installed: ["6.1", "6.2"] },
    { module: "new/1", registered: "no" },
  ],
} as const;

test("what is installed, built or waits to be added stays, also older versions and kernels that no package owns", () => {
  assert.equal(prune(world(healthy)), []);
  assert.equal(prune(world(healthy), {}, true), []);
});

test("hooks and prune agree that a directory without a dkms.conf is nothing to keep an old version for", () => {
  const kernels = [{ release: "6.1" }, { release: "6.2" }];
  const modules = [{ module: "zfs/1", source: "removed", installed: ["6.1"] }, { module: "zfs/2" }] as const;
  const state = world({ running: "6.2", kernels, modules });
  const emptied: World = {
    ...state,
    confs: new Map([...state.confs.keys()].map((key) => [key, { kind: "missing", path: "/usr/src/zfs-2/dkms.conf" }])),
  };
  const request = { kind: "transaction-remove", scope: scope({ sources: ["zfs-2"] }) } as const;
  for (const [pruned, removed, at] of [
    [prune(state), words(decide(state, request)), state],
    [prune(emptied), words(decide(emptied, request)), emptied],
  ] as const) {
    const isKept = at === state;
    assert.is(pruned.includes("leave zfs/1 for 6.1"), isKept);
    assert.is(removed.includes("Uninstall zfs/1 for 6.1"), !isKept);
    assert.is(pruned.includes("Uninstall zfs/1 for 6.1"), !isKept);
  }
});

const removed = (running: string): World =>
  world({
    running,
    kernels: [{ release: "6.1", modules: "leftover", headers: "no" }, { release: "6.2" }],
    modules: [
      { module: "wl/1", built: ["5.9"] },
      { module: "zfs/2.2", installed: ["5.9", "6.1", "6.2"] },
    ],
  });

test("pairs of kernels that were removed go, whatever their module", () => {
  assert.equal(prune(removed("6.2")), [
    "Delete the build of wl/1 for 5.9",
    "Uninstall zfs/2.2 for 5.9",
    "Delete the build of zfs/2.2 for 5.9",
    "Uninstall zfs/2.2 for 6.1",
    "Delete the build of zfs/2.2 for 6.1",
    "Clean up after kernel 6.1",
  ]);
});

test("what is built for a kernel that never was here takes --force: one of which nothing or only the headers are there", () => {
  const never = (source: "present" | "removed", headers: "yes" | "no" = "yes"): World =>
    world({
      running: "6.1",
      kernels: [{ release: "6.1" }, { release: "6.5", modules: "leftover", headers }],
      modules: [{ module: "zfs/2.2", source, built: ["6.4", "6.5"] }, { module: "wl/1" }],
    });
  const what = {
    objects: [found("6.5", "x")],
    logs: [record("/l-headers", "wl/1", "6.5"), record("/l", "wl/1", "6.4")],
  };
  const removal = ["Delete the build of zfs/2.2 for 6.4", "Delete the build of zfs/2.2 for 6.5"];
  assert.equal(prune(never("present"), what), [
    "delete /l",
    "leave zfs/2.2 for 6.4",
    "leave zfs/2.2 for 6.5",
    "leave /M/6.5/x.ko",
  ]);
  assert.equal(prune(never("present"), what, true), ["delete /l", "delete /M/6.5/x.ko", ...removal]);
  assert.equal(prune(never("removed")), [...removal, "Forget zfs/2.2"]);
  // The same directory without headers is what a removed kernel has left.
  assert.equal(prune(never("present", "no")), [removal[1], "Clean up after kernel 6.5", "leave zfs/2.2 for 6.4"]);
});

test("the running kernel keeps its pairs, its objects and its directory after an upgrade", () => {
  const what = { objects: [found("6.1", "old", { loadable: false })], untidy: [kernel("6.1")] };
  for (const force of [false, true]) {
    assert.equal(prune(removed("6.1"), what, force), [
      "Delete the build of wl/1 for 5.9",
      "Uninstall zfs/2.2 for 5.9",
      "Delete the build of zfs/2.2 for 5.9",
      "leave zfs/2.2 for 6.1",
      "leave /M/6.1/old.ko",
    ]);
  }
});

const orphan = (spec: { installed?: string[]; built?: string[]; directory?: string }, running = "0"): World =>
  world({ running, kernels: [{ release: "6.1" }], modules: [{ module: "zfs/2.1", source: "removed", ...spec }] });

test("a module whose source was removed leaves its kernels and the tree", () => {
  assert.equal(prune(orphan({ installed: ["6.1"] })), [
    "Uninstall zfs/2.1 for 6.1",
    "Delete the build of zfs/2.1 for 6.1",
    "Forget zfs/2.1",
    "Run depmod for 6.1",
  ]);
  assert.equal(prune(orphan({})), ["Forget zfs/2.1"]);
});

test("what is installed for the running kernel, or came from a person's own source, takes --force", () => {
  const removal = prune(orphan({ installed: ["6.1"] }));
  assert.equal(prune(orphan({ installed: ["6.1"] }, "6.1")), ["leave zfs/2.1 for 6.1"]);
  assert.equal(prune(orphan({ installed: ["6.1"] }, "6.1"), {}, true), removal);
  const own = orphan({ installed: ["6.1"] });
  assert.equal(prune(own, { sourceTrees: ["/elsewhere"] }), ["leave zfs/2.1 for 6.1"]);
  assert.equal(prune(own, { sourceTrees: ["/elsewhere"] }, true), removal);
  assert.equal(prune(orphan({ built: ["6.1"] }, "6.1")), ["Delete the build of zfs/2.1 for 6.1", "Forget zfs/2.1"]);
});

test("an old version goes when its successor is installed, and stays until then", () => {
  const state = (installed: readonly string[]): World =>
    world({
      running: "6.1",
      kernels: [{ release: "6.1" }],
      modules: [
        {
          module: "zfs/2.1",
          source: "removed",
          ...(installed.length === 0 ? { installed: ["6.1"] } : { built: ["6.1"] }),
        },
        { module: "zfs/2.2", installed },
      ],
    });
  assert.equal(prune(state(["6.1"])), ["Delete the build of zfs/2.1 for 6.1", "Forget zfs/2.1"]);
  assert.equal(prune(state([]), {}, true), ["leave zfs/2.1 for 6.1"]);
});

test("an entry in which somebody keeps tarballs stays", () => {
  assert.equal(prune(orphan({}), { archived: new Set(["zfs/2.1"]) }), ["leave zfs/2.1"]);
  assert.equal(prune(world(healthy), { entries: [moduleId("a/1"), moduleId("b/1")], archived: new Set(["b/1"]) }), [
    "Forget a/1",
  ]);
});

test("binaries without a source in the source tree are no orphans", () => {
  const state = world({ kernels: [{ release: "6.1" }], modules: [{ module: "bin/1", installed: ["6.1"] }] });
  assert.equal(prune(state, { sourceTrees: ["/elsewhere"] }, true), []);
});

/** The one object in question, and what becomes of it without and with `--force`. */
const objects: readonly (readonly [string, Leftovers["objects"][number], Partial<Leftovers>, boolean, boolean])[] = [
  ["a package's", found("6.2", "x", { owner: "package", loadable: false }), {}, false, false],
  ["one that a package may own", found("6.2", "x", { owner: "unknown", loadable: false }), {}, false, false],
  ["one that the kernel can load, of nobody", found("6.2", "x"), {}, false, true],
  ["one that the kernel cannot load", found("6.2", "x", { loadable: false }), {}, true, true],
  ["one of a module that is here, though not installed", found("6.2", "new", { loadable: false }), {}, false, false],
  ["one of a module that was here, by its log", found("6.2", "x"), { logs: [record("/l", "x/1", "6.2")] }, true, true],
  [
    "one of a module that was here, by its copies",
    found("6.2", "x"),
    { kept: [{ path: "/k", module: moduleId("x/1") }] },
    true,
    true,
  ],
  ["one in the running kernel's directory", found("6.1", "x", { loadable: false }), {}, false, true],
];
for (const [what, object, more, plain, forced] of objects) {
  test(`objects that no pair accounts for: ${what}`, () => {
    const isDeleted = (force: boolean): boolean =>
      prune(world(healthy), { objects: [object], ...more }, force).includes(`delete ${object.path}`);
    assert.equal([isDeleted(false), isDeleted(true)], [plain, forced]);
  });
}

test("the directory of a removed kernel is tidied once its objects were removed", () => {
  const state = world({ kernels: [{ release: "6.1", modules: "leftover", headers: "no" }], modules: [] });
  assert.equal(prune(state, { objects: [found("6.1", "x")], untidy: [kernel("6.1")] }), [
    "delete /M/6.1/x.ko",
    "Clean up after kernel 6.1",
  ]);
});

test("records go with what they speak of", () => {
  const what: Partial<Leftovers> = {
    builds: ["/b"],
    stamps: [record("/s-built", "zfs/2.2", "6.1"), record("/s-stale", "zfs/2.2", "6.3")],
    logs: [
      record("/l-built", "zfs/2.2", "6.1"),
      record("/l-failed", "new/1", "6.1"),
      record("/l-kernel", "zfs/2.2", "5.9"),
      record("/l-module", "old/1", "6.1"),
    ],
    links: [record("/n-wanted", "zfs/2.2", "6.3"), record("/n-removed", "old/1", "6.2")],
    kept: [
      { path: "/k-here", module: moduleId("zfs/2.2") },
      { path: "/k-removed", module: moduleId("old/1") },
    ],
    originals: [
      { path: "/o-here", name: "zfs", kernel: kernel("6.1") },
      { path: "/o-removed", name: "zfs", kernel: kernel("5.9") },
    ],
    emptyDirectories: ["/e"],
    staged: [
      { release: "6.1", path: "/w-running" },
      { release: "6.2", path: "/w" },
    ],
  };
  assert.equal(
    prune(world(healthy), what),
    ["/w", "/b", "/s-stale", "/l-kernel", "/l-module", "/n-removed", "/k-removed", "/o-removed", "/e"].map(
      (path) => `delete ${path}`,
    ),
  );
});

test("the journal keeps what can still be finished", () => {
  const pending = ["zfs/2.2/6.2/x86_64", "zfs/2.2/6.3/x86_64", "zfs/2.2/5.9/x86_64", "old/1/6.1/x86_64"];
  assert.equal(prune(world({ ...healthy, pending })), [
    "delete the note on unfinished work at zfs/2.2/6.2/x86_64",
    "delete the note on unfinished work at zfs/2.2/5.9/x86_64",
    "delete the note on unfinished work at old/1/6.1/x86_64",
  ]);
});

test("of kept results, those that were used the longest ago go until the rest fits; what killed runs have left goes", () => {
  const results = ["b", "c", "a"].map((name, index) => ({ path: `/C/${name}`, size: 10, used: BigInt(index) }));
  const cache = (what: Partial<Leftovers>): readonly string[] => prune(world(healthy), { results, ...what });
  assert.equal(cache({ cacheLimit: 30 }), []);
  assert.equal(cache({ cacheLimit: 29 }), ["delete /C/b"]);
  assert.equal(cache({ cacheLimit: 10 }), ["delete /C/b", "delete /C/c"]);
  assert.equal(cache({ cacheLimit: 0 }), ["delete /C/b", "delete /C/c", "delete /C/a"]);
  assert.equal(cache({ unfinishedResults: ["/C/.new"], workDirectories: ["/G/test"] }), [
    "delete /C/.new",
    "delete /G/test",
  ]);
});

test.run();
