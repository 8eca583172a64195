import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placePair } from "../../../src/act/install/place.ts";
import type { PlaceOrder } from "../../../src/act/install/place-order.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { activeLink, originalDirectory } from "../../../src/model/machine/layout.ts";
import {
  activate,
  build,
  elf,
  kernel,
  makeScratch,
  packed,
  placeStamped,
  placing,
  put,
  snapshot,
  type Scratch,
} from "./scratch.ts";

const v1 = elf({ version: "1.0" });
const v2 = elf({ version: "2.0" });
const plain = elf({});
/** A file that is there, and that not even root can read. */
const unreadable = "/sys/bus/platform/drivers_probe";
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

const read = (scratch: Scratch, path: string): Buffer => readFileSync(join(scratch.modules, path));
const active = (scratch: Scratch): string => readlinkSync(activeLink(scratch.layout, "m", kernel));

async function refusalOf(work: Promise<unknown>): Promise<DkmsError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DkmsError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("objects are copied, readable by all, and the version becomes the active one", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": plain });
    const placement = await placePair(placing(scratch, pair, ["m", "n"]));
    assert.equal(placement.installed, [join(scratch.modules, ours), join(scratch.modules, "updates/dkms/n.ko")]);
    assert.ok(read(scratch, ours).equals(v1));
    assert.ok(lstatSync(join(scratch.modules, ours)).isFile());
    assert.is(lstatSync(join(scratch.modules, ours)).mode & 0o777, 0o644);
    assert.is(active(scratch), "1/6.1.0-test/x86_64");
    assert.equal(scratch.warnings, []);
  }));

test("with links asked for, the kernel's directory holds links into the tree", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const options = { force: false, versionCheck: true, objects: "linked" } as const;
    await placePair(placing(scratch, pair, ["m"], { options }));
    assert.is(
      readlinkSync(join(scratch.modules, ours)),
      join(scratch.layout.dkmsTree, "m/1/6.1.0-test/x86_64/module/m.ko"),
    );
  }));

test("a module without objects becomes active all the same", () =>
  withScratch(async (scratch) => {
    await placePair(placing(scratch, build(scratch, "m/1", {}), []));
    assert.is(active(scratch), "1/6.1.0-test/x86_64");
  }));

type Row = readonly [title: string, there: Uint8Array, built: Uint8Array, result: "installed" | "refused"];
const rows: readonly Row[] = [
  ["older than ours", v1, v2, "installed"],
  ["newer than ours", v2, v1, "refused"],
  [
    "the same build",
    elf({ version: "1.0", srcversion: "A", extra: "x" }),
    elf({ version: "1.0", srcversion: "A" }),
    "refused",
  ],
  [
    "the same version of other sources",
    elf({ version: "1.0", srcversion: "B" }),
    elf({ version: "1.0", srcversion: "A" }),
    "installed",
  ],
  ["without version, of the same sources", elf({ srcversion: "A", extra: "x" }), elf({ srcversion: "A" }), "refused"],
  ["without version and mark, but other bytes", elf({ extra: "x" }), plain, "installed"],
  ["without version and mark, of the same bytes", plain, plain, "refused"],
  ["of version 1.10, ours of 1.9", elf({ version: "1.10" }), elf({ version: "1.9" }), "refused"],
];
for (const [title, there, built, result] of rows) {
  test(`the kernel's own module is ${title}: ${result}`, () =>
    withScratch(async (scratch) => {
      put(join(scratch.modules, inTree), there);
      const pair = build(scratch, "m/1", { "m.ko": built });
      if (result === "installed") {
        const { archived } = await placePair(placing(scratch, pair, ["m"]));
        assert.equal(archived, [join(scratch.modules, inTree)]);
        assert.not.ok(existsSync(join(scratch.modules, inTree)));
        return;
      }
      const before = snapshot(scratch.root);
      const error = await refusalOf(placePair(placing(scratch, pair, ["m"])));
      assert.is(error.code, "kernel-has-module");
      assert.match(error.message, inTree);
      assert.match(error.facts.hint ?? "", "--force");
      assert.equal(snapshot(scratch.root), before);
    }));
}

const overrides: readonly (readonly [string, PlaceOrder["options"]])[] = [
  ["--force", { force: true, versionCheck: true, objects: "copied" }],
  ["--force-version-override", { force: false, versionCheck: false, objects: "copied" }],
];
for (const [option, options] of overrides) {
  test(`${option} installs over a newer module, whose original is kept`, () =>
    withScratch(async (scratch) => {
      put(join(scratch.modules, inTree), v2);
      const pair = build(scratch, "m/1", { "m.ko": v1 });
      await placePair(placing(scratch, pair, ["m"], { options }));
      assert.ok(read(scratch, ours).equals(v1));
      const copy = join(originalDirectory(scratch.layout, "m", kernel), "m.ko");
      assert.ok(readFileSync(copy).equals(v2));
      assert.is(readFileSync(`${copy}.origin`, "utf8"), `${join(scratch.modules, inTree)}\n`);
    }));
}

test("what an object gave way to stays the kernel's when the pair is installed again, where both have one place", () =>
  withScratch(async (scratch) => {
    const own = put(join(scratch.modules, inTree), v2);
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": plain });
    const scheme = { distribution: "other", addonDirectory: undefined };
    const order = placing(scratch, pair, ["m", "n"], { scheme });
    for (let time = 0; time < 2; time += 1) {
      const { refused } = await placeStamped(order);
      assert.equal(
        refused.map(({ rival }) => rival),
        [own],
      );
    }
    put(own, elf({ version: "0.5" }));
    assert.equal((await placeStamped(order)).archived, [own]);
    assert.ok(read(scratch, inTree).equals(v1));
  }));

test("one refused object does not keep the others out, and is told", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, inTree), v2);
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": plain });
    const { installed, refused } = await placePair(placing(scratch, pair, ["m", "n"]));
    assert.equal(installed, [join(scratch.modules, "updates/dkms/n.ko")]);
    assert.equal(
      refused.map(({ name }) => name),
      ["m"],
    );
    assert.is(scratch.warnings.length, 1);
    assert.match(scratch.warnings[0] ?? "", "version 1.0 is older than 2.0");
  }));

const originals: readonly (readonly [string, readonly string[], string])[] = [
  ["extra comes first", ["extra/m.ko", "updates/m.ko", inTree], "extra/m.ko"],
  ["updates comes next", ["updates/m.ko", inTree, ours], "updates/m.ko"],
  ["then whatever there is", ["kernel/b/m.ko", "kernel/a/m.ko"], "kernel/a/m.ko"],
  ["compressed ones are found as well", ["kernel/a/m.ko.xz"], "kernel/a/m.ko.xz"],
];
for (const [title, there, expected] of originals) {
  test(`originals: ${title}`, () =>
    withScratch(async (scratch) => {
      for (const path of there) put(join(scratch.modules, path), path.endsWith(".xz") ? packed("xz", v1) : v1);
      // A plain object is installed whatever the kernel's modules are compressed with.
      const pair = build(scratch, "m/1", { "m.ko": v2 });
      const { archived } = await placePair(placing(scratch, pair, ["m"]));
      assert.equal(archived, [join(scratch.modules, expected)]);
      assert.ok(read(scratch, ours).equals(v2));
    }));
}

test("a newer version of the module replaces the older one, whose objects that it has no more go", () =>
  withScratch(async (scratch) => {
    const old = build(scratch, "m/1", { "m.ko": v1, "dropped.ko": v1 });
    await placePair(placing(scratch, old, ["m", "dropped"]));
    const pair = build(scratch, "m/2", { "m.ko": v2, "added.ko": v2 });
    const { removed, archived } = await placePair(placing(scratch, pair, ["m", "added"]));
    assert.equal(removed, [join(scratch.modules, "updates/dkms/dropped.ko")]);
    assert.equal(archived, []);
    assert.ok(read(scratch, ours).equals(v2));
    assert.is(active(scratch), "2/6.1.0-test/x86_64");
    assert.not.ok(existsSync(originalDirectory(scratch.layout, "m", kernel)));
  }));

test("an older version is refused while the newer one's source is there, and is welcome when that was removed", () =>
  withScratch(async (scratch) => {
    await placePair(placing(scratch, build(scratch, "m/2", { "m.ko": v2 }), ["m"]));
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    assert.is((await refusalOf(placePair(placing(scratch, pair, ["m"])))).code, "install-refused");
    rmSync(join(scratch.layout.sourceTree, "m-2"), { recursive: true });
    await placePair(placing(scratch, pair, ["m"]));
    assert.ok(read(scratch, ours).equals(v1));
    assert.is(active(scratch), "1/6.1.0-test/x86_64");
  }));

test("a pair that was built anew is installed over itself, and loses what its conf names no more", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/1", { "m.ko": v2, "dropped.ko": v2 });
    await placePair(placing(scratch, pair, ["m", "dropped"]));
    rmSync(join(scratch.layout.dkmsTree, "m/1/6.1.0-test/x86_64/module/dropped.ko"));
    build(scratch, "m/1", { "m.ko": v1 });
    const { removed } = await placePair(placing(scratch, pair, ["m"], { formerObjects: ["m", "dropped"] }));
    assert.ok(read(scratch, ours).equals(v1));
    assert.equal(removed, [join(scratch.modules, "updates/dkms/dropped.ko")]);
  }));

test("an original comes back when the next version does not stand in for it any more", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, "kernel/a/m.ko"), plain);
    await placePair(placing(scratch, build(scratch, "m/1", { "m.ko": v1 }), ["m"]));
    await placePair(placing(scratch, build(scratch, "m/2", { "n.ko": v1 }), ["n"]));
    assert.ok(read(scratch, "kernel/a/m.ko").equals(plain));
    assert.not.ok(existsSync(join(scratch.modules, ours)));
    assert.not.ok(existsSync(originalDirectory(scratch.layout, "m", kernel)));
  }));

test("what an earlier dkms tree has left in updates/dkms is no rival and no original: it is replaced", () =>
  withScratch(async (scratch) => {
    for (const left of [v1, v2]) {
      put(join(scratch.modules, `${ours}.xz`), packed("xz", left));
      put(join(scratch.modules, ours), elf({ version: "2.0", srcversion: "other" }));
      const pair = build(scratch, "m/1", { "m.ko": v1 });
      const { archived, refused } = await placePair(placing(scratch, pair, ["m"]));
      assert.equal([archived, refused], [[], []]);
      assert.ok(read(scratch, ours).equals(v1));
      assert.not.ok(existsSync(join(scratch.modules, `${ours}.xz`)));
      rmSync(join(scratch.layout.dkmsTree, "m"), { recursive: true });
    }
  }));

test("elsewhere than in updates/dkms a stranger's file at the place is an original", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, "extra/m.ko"), v1);
    const pair = build(scratch, "m/1", { "m.ko": v2 });
    const scheme = { distribution: "fedora", addonDirectory: undefined };
    const { archived } = await placePair(placing(scratch, pair, ["m"], { scheme }));
    assert.equal(archived, [join(scratch.modules, "extra/m.ko")]);
  }));

test("an object that was installed in another form is replaced", () =>
  withScratch(async (scratch) => {
    await placePair(placing(scratch, build(scratch, "m/1", { "m.ko": v1 }), ["m"]));
    put(join(scratch.modules, "kernel/fs/other.ko.zst"), "");
    const pair = build(scratch, "m/2", { "m.ko.zst": packed("zstd", v2) });
    await placePair(placing(scratch, pair, ["m"]));
    assert.not.ok(existsSync(join(scratch.modules, ours)));
    assert.ok(existsSync(join(scratch.modules, `${ours}.zst`)));
  }));

test("with force an older object takes the place of another package's, which is kept as the original", () =>
  withScratch(async (scratch) => {
    await placePair(placing(scratch, build(scratch, "other/1", { "m.ko": v2 }), ["m"]));
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    const error = await refusalOf(placePair(placing(scratch, pair, ["m"])));
    assert.is(error.code, "install-refused");
    assert.match(error.message, "belongs to other/1");
    const options = { force: true, versionCheck: true, objects: "copied" } as const;
    const { archived } = await placePair(placing(scratch, pair, ["m"], { options }));
    assert.equal(archived, [join(scratch.modules, ours)]);
    assert.ok(read(scratch, ours).equals(v1));
  }));

test("a run that was killed before the link is finished by the next", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, ours), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
    await placePair(placing(scratch, pair, ["m", "n"]));
    const end = snapshot(scratch.root);
    rmSync(activeLink(scratch.layout, "m", kernel));
    rmSync(join(scratch.modules, "updates/dkms/n.ko"));
    put(join(scratch.modules, "updates/dkms/n.ko.dkms-new"), "half of it");
    await placePair(placing(scratch, pair, ["m", "n"]));
    assert.equal(snapshot(scratch.root), end);
  }));

test("a run that was killed after the link, before the original was put away, is finished by the next", () =>
  withScratch(async (scratch) => {
    put(join(scratch.modules, inTree), plain);
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    await placePair(placing(scratch, pair, ["m"]));
    const end = snapshot(scratch.root);
    put(join(scratch.modules, inTree), plain);
    await placePair(placing(scratch, pair, ["m"]));
    assert.equal(snapshot(scratch.root), end);
  }));

type Hostile = readonly [title: string, code: string, change: (scratch: Scratch) => void];
const hostile: readonly Hostile[] = [
  [
    "updates is a link out of the tree",
    "install-failed",
    ({ root, modules }) => {
      mkdirSync(join(root, "elsewhere"));
      symlinkSync(join(root, "elsewhere"), join(modules, "updates"));
    },
  ],
  ["updates is a file", "install-failed", ({ modules }) => void put(join(modules, "updates"), "")],
  [
    "updates/dkms is a link to nowhere",
    "install-failed",
    ({ modules }) => {
      mkdirSync(join(modules, "updates"));
      symlinkSync("/nowhere", join(modules, "updates/dkms"));
    },
  ],
  [
    "a directory has the object's name",
    "install-failed",
    ({ modules }) => void mkdirSync(join(modules, "updates/dkms/n.ko"), { recursive: true }),
  ],
  [
    "a pipe has the object's name",
    "install-failed",
    ({ modules }) => {
      mkdirSync(join(modules, "updates/dkms"), { recursive: true });
      spawnSync("mkfifo", [join(modules, "updates/dkms/n.ko.zst")]);
    },
  ],
  [
    "an object was not built",
    "install-failed",
    ({ layout }) => rmSync(join(layout.dkmsTree, "m/1/6.1.0-test/x86_64/module/n.ko")),
  ],
  ["the kernel is not there", "kernel-missing", ({ modules, root }) => renameSync(modules, join(root, "away"))],
  [
    "the active link's place is taken",
    "install-failed",
    ({ layout }) => void put(join(layout.dkmsTree, "m/kernel-6.1.0-test-x86_64/file"), ""),
  ],
  [
    "a temporary name is taken",
    "install-failed",
    ({ modules }) => void put(join(modules, "updates/dkms/n.ko.dkms-new/file"), ""),
  ],
];
for (const [title, code, change] of hostile) {
  test(`${title}: ${code}, and nothing has changed`, () =>
    withScratch(async (scratch) => {
      const pair = build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 });
      put(join(scratch.modules, inTree), plain);
      change(scratch);
      const before = snapshot(scratch.root);
      const error = await refusalOf(placePair(placing(scratch, pair, ["m", "n"])));
      assert.is(error.code, code);
      assert.equal(snapshot(scratch.root), before);
    }));
}

test("a copy that fails half-way leaves everything as it was", () =>
  withScratch(async (scratch) => {
    await placePair(placing(scratch, build(scratch, "m/1", { "m.ko": v1, "n.ko": v1 }), ["m", "n"]));
    const pair = build(scratch, "m/2", { "m.ko": v2 });
    symlinkSync(unreadable, join(scratch.layout.dkmsTree, "m/2/6.1.0-test/x86_64/module/k.ko"));
    put(join(scratch.modules, "kernel/fs/m.ko"), plain);
    const before = snapshot(scratch.root);
    const options = { force: true, versionCheck: true, objects: "copied" } as const;
    const error = await refusalOf(placePair(placing(scratch, pair, ["m", "k"], { options })));
    assert.is(error.code, "file-failed");
    assert.match(error.message, "k.ko");
    assert.equal(snapshot(scratch.root), before);
  }));

test("the first install that fails leaves neither directories nor copies of originals", () =>
  withScratch(async (scratch) => {
    const pair = build(scratch, "m/2", { "m.ko": v2 });
    symlinkSync(unreadable, join(scratch.layout.dkmsTree, "m/2/6.1.0-test/x86_64/module/k.ko"));
    put(join(scratch.modules, "kernel/fs/m.ko"), plain);
    const before = snapshot(scratch.root);
    assert.is((await refusalOf(placePair(placing(scratch, pair, ["m", "k"])))).code, "file-failed");
    assert.equal(snapshot(scratch.root), before);
  }));

test("the longest names that dkms.conf may give are installed", () =>
  withScratch(async (scratch) => {
    const name = "x".repeat(248);
    const pair = build(scratch, "m/1", { [`${name}.ko`]: v1 });
    const { installed } = await placePair(placing(scratch, pair, [name]));
    assert.ok(existsSync(installed[0] ?? ""));
  }));

test("the install tree may be reached by a link", () =>
  withScratch(async (scratch) => {
    symlinkSync("lib", join(scratch.root, "usr-lib"));
    const layout = { ...scratch.layout, installTree: join(scratch.root, "usr-lib/modules") };
    const pair = build(scratch, "m/1", { "m.ko": v1 });
    activate(scratch, build(scratch, "m/0", {}));
    await placePair({ ...placing(scratch, pair, ["m"]), layout });
    assert.ok(read(scratch, ours).equals(v1));
  }));

test.run();
