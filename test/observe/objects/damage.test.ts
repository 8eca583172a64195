/** What has become of installed objects, told by their stamp or, without one, by their names. */
import { execFileSync } from "node:child_process";
import { appendFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelDirectory, resultDirectory } from "../../../src/model/machine/layout.ts";
import { findDamage } from "../../../src/observe/objects/damage.ts";
import { describePlaced } from "../../../src/observe/objects/placed-objects.ts";
import { readPair } from "../../../src/observe/tree/tree.ts";
import { activate, build, elf, makeScratch, put, type Scratch } from "../../act/install/scratch.ts";

const one = elf({ version: "1" });
const two = elf({ version: "2" });

interface Place {
  readonly scratch: Scratch;
  /** The installed `a.ko`, and the built one. */
  readonly installed: string;
  readonly built: string;
}

/** `part kind` after `change` has happened to a module with the objects `a` and `b`; `fine` when nothing is wrong. */
function damage(change: (place: Place) => void, remembered: boolean): string {
  const scratch = makeScratch();
  try {
    const pair = build(scratch, "m/1", { "a.ko": one, "b.ko": one });
    activate(scratch, pair);
    const installed = ["a", "b"].map((name) => put(join(scratch.modules, "updates/dkms", `${name}.ko`), one));
    const placed = remembered ? describePlaced(scratch.layout, pair, installed) : undefined;
    change({
      scratch,
      installed: installed[0] ?? "",
      built: join(resultDirectory(scratch.layout, pair), "module/a.ko"),
    });
    const state = readPair(scratch.layout, pair);
    if (state === undefined) throw new Error("not built");
    const scheme = { distribution: "arch", addonDirectory: undefined };
    const found = findDamage({ layout: scratch.layout, scheme }, state, placed);
    if (found === undefined) return "fine";
    assert.match(found.path, found.part === "kernel" ? (installed[0] ?? "") : "/module/a.ko");
    return `${found.part} ${found.kind}`;
  } finally {
    scratch.remove();
  }
}

/** A change, what a stamp makes of it, and what is seen without one. */
type Row = readonly [title: string, change: (place: Place) => void, stamped: string, unstamped: string];

const rows: readonly Row[] = [
  ["nothing", () => undefined, "fine", "fine"],
  ["an object is deleted", ({ installed }) => rmSync(installed), "kernel missing", "kernel missing"],
  ["an object is replaced", ({ installed }) => put(installed, two), "kernel altered", "kernel altered"],
  [
    "an object is cut short",
    ({ installed }) => put(installed, one.subarray(0, 99)),
    "kernel altered",
    "kernel altered",
  ],
  [
    "an object is put back by a copy",
    ({ installed }) => {
      rmSync(installed);
      put(installed, one);
    },
    "fine",
    "fine",
  ],
  ["an object is touched", ({ installed }) => utimesSync(installed, 1, 1), "fine", "fine"],
  [
    "the directory is deleted",
    ({ scratch }) => rmSync(join(scratch.modules, "updates"), { recursive: true }),
    "kernel missing",
    "kernel missing",
  ],
  ["a built object is deleted", ({ built }) => rmSync(built), "result missing", "fine"],
  [
    "an object is deleted, and the built one is changed",
    ({ built, installed }) => {
      appendFileSync(built, "x");
      rmSync(installed);
    },
    "result altered",
    "kernel missing",
  ],
  ["a built object is changed", ({ built }) => appendFileSync(built, "x"), "fine", "kernel altered"],
  [
    "the tree is copied back, and the kernel's directory is lost",
    ({ scratch, installed }) => {
      const tree = scratch.layout.dkmsTree;
      execFileSync("sh", ["-c", `cp -a ${tree} ${tree}.copy && rm -r ${tree} && mv ${tree}.copy ${tree}`]);
      rmSync(installed);
    },
    "kernel missing",
    "kernel missing",
  ],
  [
    "the object was installed elsewhere",
    ({ scratch, installed }) => {
      rmSync(installed);
      put(join(kernelDirectory(scratch.layout, "6.1.0-test"), "extra/a.ko"), one);
    },
    "kernel missing",
    "fine",
  ],
];

for (const [title, change, stamped, unstamped] of rows) {
  test(title, () => {
    assert.is(damage(change, true), stamped, "with a stamp");
    assert.is(damage(change, false), unstamped, "without a stamp");
  });
}

test.run();
