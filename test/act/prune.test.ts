import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { deleteLeftovers, refreshAfter } from "../../src/act/prune.ts";
import {
  activeLink,
  journalFile,
  keptDirectory,
  originalDirectory,
  pairLog,
  stampFile,
} from "../../src/model/machine/layout.ts";
import type { Deletion } from "../../src/model/health/leftovers.ts";
import { readPending } from "../../src/observe/tree/journal.ts";
import { elf, kernel, makeScratch, pairOf, put, type Scratch } from "./install/scratch.ts";

const pair = pairOf("m/1");
const { release } = kernel;
const reason = "test";

/** What is left of `paths` below the machine's root after leftovers have been deleted. */
function left(fill: (scratch: Scratch) => Deletion, paths: readonly string[]): readonly string[] {
  const scratch = makeScratch();
  try {
    const [cleared] = deleteLeftovers(scratch.layout, [fill(scratch)]);
    if (cleared?.error !== undefined) throw cleared.error;
    return paths.filter((path) => existsSync(join(scratch.root, path)));
  } finally {
    scratch.remove();
  }
}

const kernels = `lib/modules/${release}`;
const state = "dkms/.dkms-alpm";
const rows: readonly (readonly [
  Deletion["kind"],
  (scratch: Scratch) => Deletion,
  readonly string[],
  readonly string[],
])[] = [
  [
    "object",
    ({ modules }) => ({ kind: "object", release, path: put(join(modules, "updates/dkms/a.ko"), ""), reason }),
    [`${kernels}/updates`, kernels],
    [kernels],
  ],
  [
    "stamp",
    ({ layout }) => ({ kind: "stamp", path: put(stampFile(layout, pair), "{}"), reason }),
    [`${state}/stamps/m`, state],
    [state],
  ],
  [
    "log",
    ({ layout }) => ({ kind: "log", path: put(pairLog(layout, pair), ""), reason }),
    [`${state}/log/m-1-${release}-x86_64.log`],
    [],
  ],
  [
    "kept",
    ({ layout }) => ({
      kind: "kept",
      path: dirname(put(join(keptDirectory(layout, pair.module), "dkms.conf"), "")),
      reason,
    }),
    [`${state}/kept/m`, state],
    [state],
  ],
  [
    "originals",
    ({ layout }) => ({
      kind: "originals",
      path: dirname(put(join(originalDirectory(layout, "m", kernel), "a.ko"), "")),
      reason,
    }),
    ["dkms/m", "dkms"],
    ["dkms"],
  ],
  [
    "build",
    ({ layout }) => ({ kind: "build", path: dirname(put(join(layout.state, "build/m.x/f"), "")), reason }),
    [`${state}/build`, state],
    [state],
  ],
  [
    "link",
    ({ layout }) => {
      const path = activeLink(layout, "m", kernel);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync("nowhere", path);
      return { kind: "link", path, reason };
    },
    ["dkms/m", "dkms"],
    ["dkms"],
  ],
  [
    "cached",
    ({ layout }) => ({
      kind: "cached",
      path: dirname(put(join(layout.cache, "results/k1/manifest.json"), "{}")),
      reason,
    }),
    [`${state}/cache/results/k1`, `${state}/cache/results`],
    [`${state}/cache/results`],
  ],
  [
    "directory",
    ({ layout }) => {
      mkdirSync(join(layout.dkmsTree, "m"));
      return { kind: "directory", path: join(layout.dkmsTree, "m"), reason };
    },
    ["dkms/m"],
    [],
  ],
];
for (const [kind, fill, paths, expected] of rows) {
  test(`clearing away: ${kind}`, () => assert.equal(left(fill, paths), expected));
}

test("a line of the journal goes, the others stay", () => {
  const scratch = makeScratch();
  try {
    put(journalFile(scratch.layout), "a/1/k/x\nb/1/k/x\n");
    deleteLeftovers(scratch.layout, [{ kind: "journal", key: "a/1/k/x", reason }]);
    assert.equal([...readPending(scratch.layout)], ["b/1/k/x"]);
  } finally {
    scratch.remove();
  }
});

test("a link that leads out of the trees is refused, and the next one goes all the same", () => {
  const scratch = makeScratch();
  try {
    const { layout, modules, root } = scratch;
    const outside = put(join(root, "elsewhere/dkms/a.ko"), "");
    symlinkSync(join(root, "elsewhere"), join(modules, "updates"));
    const stamp = put(stampFile(layout, pair), "{}");
    const cleared = deleteLeftovers(layout, [
      { kind: "object", release, path: join(modules, "updates/dkms/a.ko"), reason },
      { kind: "stamp", path: stamp, reason },
    ]);
    assert.equal(
      cleared.map(({ error }) => error?.code),
      ["file-failed", undefined],
    );
    assert.is(existsSync(outside), true);
    assert.is(existsSync(stamp), false);
  } finally {
    scratch.remove();
  }
});

test("the index forgets an object that was deleted; a removed kernel gets none", async () => {
  const scratch = makeScratch();
  try {
    const { layout, modules } = scratch;
    put(join(modules, "modules.order"), "kernel/fs/ext4.ko\n");
    const path = put(join(modules, "updates/dkms/a.ko"), elf({ name: "a" }));
    const present: Deletion = { kind: "object", release, path, reason };
    const removed: Deletion = {
      kind: "object",
      release: "5.9",
      path: put(join(layout.installTree, "5.9/updates/dkms/a.ko"), ""),
      reason,
    };
    const errors = await refreshAfter(layout, deleteLeftovers(layout, [present, removed]), kernel.arch);
    assert.equal(errors, []);
    assert.is(existsSync(join(modules, "modules.dep")), true);
    assert.is(existsSync(join(layout.installTree, "5.9/modules.dep")), false);
  } finally {
    scratch.remove();
  }
});

test.run();
