import fs, { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placePair } from "../../../src/act/install/place.ts";
import { withdrawPair } from "../../../src/act/install/withdraw.ts";
import { activeLink, originalDirectory } from "../../../src/model/machine/layout.ts";
import {
  activate,
  build,
  elf,
  kernel,
  makeScratch,
  placing,
  put,
  snapshot,
  withdrawing,
  type Scratch,
} from "./scratch.ts";

const v1 = elf({ version: "1.0" });
const v2 = elf({ version: "2.0" });
const plain = elf({});
const ours = "updates/dkms/m.ko";
const inTree = "kernel/drivers/misc/m.ko";

async function withScratch(action: (scratch: Scratch) => Promise<void>): Promise<void> {
  const scratch = makeScratch();
  try {
    await action(scratch);
  } finally {
    scratch.remove();
  }
}

const linkOf = (scratch: Scratch): string => activeLink(scratch.layout, "m", kernel);

for (const names of [["m", "n"], undefined]) {
  for (const objects of ["copied", "linked"] as const) {
    test(`what was ${objects} goes again, ${names === undefined ? "without" : "with"} a conf: install and uninstall change nothing`, () =>
      withScratch(async (scratch) => {
        const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
        put(join(scratch.modules, inTree), plain);
        const before = snapshot(scratch.root);
        const options = { force: false, versionCheck: true, objects } as const;
        await placePair(placing(scratch, pair, ["m", "n"], { options }));
        const { removed, restored, notFound } = await withdrawPair(withdrawing(scratch, pair, names));
        assert.equal(snapshot(scratch.root), before);
        assert.equal([...removed].toSorted(), [
          join(scratch.modules, ours),
          join(scratch.modules, "updates/dkms/n.ko"),
        ]);
        assert.equal(restored, [join(scratch.modules, inTree)]);
        assert.equal(notFound, []);
      }));
  }
}

test("directories that a killed run has begun to remove go: the upper ones, where the lower is removed already", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    put(join(scratch.modules, inTree), plain);
    const before = snapshot(scratch.root);
    await placePair(placing(scratch, pair, ["m"]));
    rmSync(join(scratch.modules, "updates/dkms"), { recursive: true });
    await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.equal(snapshot(scratch.root), before);
  }));

/** Does something, and tells in which order names appear, go, and are on the disk: `put PATH`, `remove PATH`, `sync DIRECTORY`. */
async function disk(act: () => Promise<unknown>): Promise<readonly string[]> {
  const done: string[] = [];
  const { openSync, fsyncSync, renameSync: renames, rmSync: removes } = fs;
  const opened = new Map<number, string>();
  fs.openSync = (path, ...rest) => {
    const descriptor = openSync(path, ...rest);
    opened.set(descriptor, String(path));
    return descriptor;
  };
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor);
    done.push(`sync ${opened.get(descriptor)}`);
  };
  fs.renameSync = (from, to) => {
    renames(from, to);
    done.push(`put ${String(to)}`);
  };
  fs.rmSync = (path, options) => {
    if (existsSync(path)) done.push(`remove ${String(path)}`);
    removes(path, options);
  };
  syncBuiltinESMExports();
  try {
    await act();
  } finally {
    Object.assign(fs, { openSync, fsyncSync, renameSync: renames, rmSync: removes });
    syncBuiltinESMExports();
  }
  return done;
}

test("of an original and its copy one is always safely on the disk", () =>
  withScratch(async (scratch) => {
    const origin = put(join(scratch.modules, inTree), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const copies = originalDirectory(scratch.layout, "m", kernel);
    const copy = join(copies, "m.ko");
    const inOrder = (done: readonly string[], ...expected: readonly string[]): void => {
      const at = expected.map((line) => done.indexOf(line));
      assert.not.ok(at.includes(-1), [...expected, "", ...done].join("\n"));
      assert.equal(
        at,
        at.toSorted((left, right) => left - right),
        [...expected, "", ...done].join("\n"),
      );
    };
    const placed = await disk(() => placePair(placing(scratch, pair, ["m"])));
    const made = [copies, dirname(copies), dirname(dirname(copies)), dirname(dirname(dirname(copies)))];
    inOrder(placed, `put ${copy}`, ...made.map((directory) => `sync ${directory}`), `remove ${origin}`);

    rmSync(join(scratch.modules, "kernel/drivers"), { recursive: true });
    const withdrawn = await disk(() => withdrawPair(withdrawing(scratch, pair, ["m"])));
    const missing = [dirname(origin), join(scratch.modules, "kernel/drivers"), join(scratch.modules, "kernel")];
    inOrder(withdrawn, `put ${origin}`, ...missing.map((directory) => `sync ${directory}`), `remove ${copy}`);
  }));

test("an original that was at the very place of ours comes back", () =>
  withScratch(async (scratch) => {
    const scheme = { distribution: "gentoo", addonDirectory: undefined };
    put(join(scratch.modules, inTree), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const before = snapshot(scratch.root);
    await placePair(placing(scratch, pair, ["m"], { scheme }));
    await withdrawPair({ ...withdrawing(scratch, pair, ["m"]), scheme });
    assert.equal(snapshot(scratch.root), before);
  }));

test("what an earlier dkms tree has left at the place of ours does not come back", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const before = snapshot(scratch.root);
    put(join(scratch.modules, ours), plain);
    await placePair(placing(scratch, pair, ["m"]));
    await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.equal(snapshot(scratch.root), before);
  }));

test("where every conf names its own place, objects are found without it by their bytes", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const before = snapshot(scratch.root);
    const scheme = { distribution: "gentoo", addonDirectory: undefined };
    await placePair(placing(scratch, pair, ["m"], { scheme }));
    assert.ok(existsSync(join(scratch.modules, inTree)));
    await withdrawPair({ ...withdrawing(scratch, pair), scheme });
    assert.equal(snapshot(scratch.root), before);
  }));

test("an object of another version at our place is somebody else's", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    put(join(scratch.modules, ours), v2);
    const { removed, notFound } = await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.equal(removed, []);
    assert.equal(notFound, ["m"]);
    assert.ok(existsSync(join(scratch.modules, ours)));
    assert.not.ok(existsSync(linkOf(scratch)));
  }));

test("an object that was cut short, or whose result was removed, goes as well", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
    await placePair(placing(scratch, pair, ["m", "n"]));
    put(join(scratch.modules, ours), v1.subarray(0, 100));
    rmSync(join(scratch.layout.dkmsTree, "m/1/6.1.0-test/x86_64/module/n.ko"));
    const { notFound } = await withdrawPair(withdrawing(scratch, pair, ["m", "n"]));
    assert.equal(notFound, []);
    assert.not.ok(existsSync(join(scratch.modules, "updates")));
  }));

test("the kernel's own module of the same name and version stays where the conf would have put ours", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": plain });
    put(join(scratch.modules, inTree), elf({ extra: "the kernel's" }));
    activate(scratch, pair);
    const { notFound } = await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.equal(notFound, ["m"]);
    assert.ok(existsSync(join(scratch.modules, inTree)));
  }));

test("while another version is active only what that has not goes, and the kernel's own come back for it", () =>
  withScratch(async (scratch) => {
    const own = "kernel/drivers/misc/n.ko";
    put(join(scratch.modules, own), plain);
    const old = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
    await placePair(placing(scratch, old, ["m", "n"]));
    // A run has set the active link on the next version and was killed before it took away what that has not.
    activate(scratch, build(scratch, "m/2", { "m.ko": v1 }));
    const { removed, restored, notFound } = await withdrawPair(withdrawing(scratch, old));
    assert.equal(removed, [join(scratch.modules, "updates/dkms/n.ko")]);
    assert.equal(restored, [join(scratch.modules, own)]);
    assert.equal(notFound, []);
    assert.equal([existsSync(join(scratch.modules, ours)), existsSync(linkOf(scratch))], [true, true]);
    assert.not(existsSync(originalDirectory(scratch.layout, "m", kernel)));
  }));

test("while another version with the same objects is active nothing happens", () =>
  withScratch(async (scratch) => {
    const old = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, build(scratch, "m/2", { "m.ko": v1 }), ["m"]));
    const before = snapshot(scratch.root);
    assert.equal(await withdrawPair(withdrawing(scratch, old, ["m"])), { removed: [], restored: [], notFound: [] });
    assert.equal(snapshot(scratch.root), before);
  }));

for (const [what, bytes] of [
  ["the same bytes", v1],
  ["other bytes of the same version", elf({ version: "1.0", extra: "x" })],
] as const) {
  test(`what has taken the place of another package, with ${what}, stays when that goes`, () =>
    withScratch(async (scratch) => {
      const old = build(scratch, "old/1", { "m.ko": v1 });
      await placePair(placing(scratch, old, ["m"]));
      const pair = build(scratch, "m/1", { "m.ko": bytes });
      const { installed, refused } = await placePair(placing(scratch, pair, ["m"], { replaces: [old.module] }));
      assert.equal([installed, refused], [[join(scratch.modules, ours)], []]);
      assert.equal((await withdrawPair(withdrawing(scratch, old))).removed, []);
      assert.ok(readFileSync(join(scratch.modules, ours)).equals(bytes));
      assert.equal((await withdrawPair(withdrawing(scratch, pair, ["m"]))).removed, [join(scratch.modules, ours)]);
    }));
}

test("objects of one name that two packages have: each takes its own", () =>
  withScratch(async (scratch) => {
    const first = build(scratch, "other/1", { "m.ko": plain });
    await placePair(placing(scratch, first, ["m"]));
    const second = build(scratch, "m/1", { "m.ko": elf({ extra: "x" }) });
    const options = { force: true, versionCheck: true, objects: "copied" } as const;
    await placePair(placing(scratch, second, ["m"], { options }));
    assert.equal((await withdrawPair(withdrawing(scratch, first, ["m"]))).removed, []);
    assert.equal((await withdrawPair(withdrawing(scratch, second, ["m"]))).removed, [join(scratch.modules, ours)]);
  }));

test("a kernel that got a module of that name meanwhile keeps it", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, inTree), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    put(join(scratch.modules, `${inTree}.zst`), "the upgraded kernel's");
    const { restored } = await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.equal(restored, []);
    assert.not.ok(existsSync(join(scratch.modules, inTree)));
    assert.not.ok(existsSync(originalDirectory(scratch.layout, "m", kernel)));
  }));

test("a removed kernel gets no originals back", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, inTree), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    rmSync(join(scratch.modules, "kernel"), { recursive: true });
    const { removed, restored } = await withdrawPair(withdrawing(scratch, pair));
    assert.equal(removed, [join(scratch.modules, ours)]);
    assert.equal(restored, []);
    assert.equal(snapshot(scratch.modules), { "": "d " });
    assert.not.ok(existsSync(join(scratch.layout.dkmsTree, "m/original_module")));
  }));

test("a kernel without directory: only the tree is put in order", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    rmSync(scratch.modules, { recursive: true });
    assert.equal((await withdrawPair(withdrawing(scratch, pair, ["m"]))).notFound, ["m"]);
    assert.not.ok(existsSync(linkOf(scratch)));
    assert.not.ok(existsSync(scratch.modules));
  }));

const origins: readonly (readonly [string, (scratch: Scratch) => string | undefined])[] = [
  ["outside the kernel's directory", () => "/etc/m.ko"],
  ["with detours", ({ modules }) => `${modules}/kernel/../../../../etc/m.ko`],
  ["relative", () => "kernel/m.ko"],
  [
    "through a link that leads out",
    ({ modules, root }) => {
      mkdirSync(join(root, "elsewhere"));
      symlinkSync(join(root, "elsewhere"), join(modules, "kernel/link"));
      return join(modules, "kernel/link/deep/m.ko");
    },
  ],
  ["not written down", () => undefined],
];
for (const [title, origin] of origins) {
  test(`an original whose place is ${title} is kept and told, and nothing is written there`, () =>
    withScratch(async (scratch) => {
      const pair = build(scratch, "m/1", { "m.ko": v1 });
      await placePair(placing(scratch, pair, ["m"]));
      const copy = put(join(originalDirectory(scratch.layout, "m", kernel), "m.ko"), plain);
      const path = origin(scratch);
      if (path !== undefined) put(`${copy}.origin`, `${path}\n`);
      const { restored } = await withdrawPair(withdrawing(scratch, pair, ["m"]));
      assert.equal(restored, []);
      assert.ok(readFileSync(copy).equals(plain));
      assert.match(scratch.warnings.join("\n"), copy);
      assert.not.ok(existsSync(join(scratch.root, "elsewhere/deep")));
      assert.not.ok(existsSync("/etc/m.ko"));
    }));
}

test("the stored place may name the install tree by another path", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, "kernel/gone/m.ko"), plain);
    symlinkSync("lib", join(scratch.root, "usr-lib"));
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    rmSync(join(scratch.modules, "kernel/gone"), { recursive: true });
    const copy = join(originalDirectory(scratch.layout, "m", kernel), "m.ko");
    put(`${copy}.origin`, `${join(scratch.root, "usr-lib/modules", kernel.release, "kernel/gone/m.ko")}\n`);
    await withdrawPair(withdrawing(scratch, pair, ["m"]));
    assert.ok(existsSync(join(scratch.modules, "kernel/gone/m.ko")));
  }));

test("nothing is removed through a link that leads out of the kernel's directory", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    renameSync(join(scratch.modules, "updates"), join(scratch.root, "elsewhere"));
    symlinkSync(join(scratch.root, "elsewhere"), join(scratch.modules, "updates"));
    assert.equal((await withdrawPair(withdrawing(scratch, pair, ["m"]))).notFound, ["m"]);
    assert.ok(existsSync(join(scratch.root, "elsewhere/dkms/m.ko")));
  }));

test("a pair that never became active loses what an interrupted install has left", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
    put(join(scratch.modules, inTree), plain);
    const before = snapshot(scratch.root);
    await placePair(placing(scratch, pair, ["m", "n"]));
    rmSync(linkOf(scratch));
    put(join(scratch.modules, "updates/dkms/n.ko.dkms-new"), "half of it");
    symlinkSync("1/6.1.0-test/x86_64", `${linkOf(scratch)}.dkms-new`);
    await withdrawPair(withdrawing(scratch, pair, ["m", "n"]));
    assert.equal(snapshot(scratch.root), before);
  }));

test.run();
