/** What dkms why and the table of dkms status say. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Outlook } from "../../../src/model/health/outlook.ts";
import { statusTable, whyJson, whyLines, type TableRow } from "../../../src/tell/status/outlook.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const pair = { module: moduleId("zfs/2.2"), kernel: kernel("6.1") };
const outlook: Outlook = {
  pair,
  state: "not built",
  isWanted: true,
  reason: "kernel 6.1 is new",
  isSkipped: false,
  lastFailure: {
    module: "zfs",
    version: "2.2",
    kernel: "6.1",
    arch: "x86_64",
    result: "failed",
    message: "Building it failed.",
    excerpt: ["a.c:1: error: x"],
    hint: "Look for a newer version.",
  },
  steps: [{ step: { kind: "build", pair }, reason: "kernel 6.1 is new", needs: [], after: [] }],
};

test("state, whether it is wanted, the last failure, the log and the next run", () => {
  const lines = whyLines(outlook, { path: "/var/log/z.log", failed: true }).map(({ text }) => text);
  assert.equal(lines, [
    "==> zfs/2.2 for 6.1 (x86_64)",
    "  -> State: not built",
    "  -> Wanted: yes: kernel 6.1 is new.",
    "  -> Last failure: Building it failed.",
    "       a.c:1: error: x",
    "  -> Look for a newer version.",
    "  -> Log: /var/log/z.log (dkms log zfs/2.2 -k 6.1)",
    "  -> The next run would: build zfs/2.2 for 6.1 (x86_64)",
  ]);
});

test("a pair with nothing to do", () => {
  const quiet = { ...outlook, lastFailure: undefined, steps: [], isWanted: false, reason: "x" };
  const lines = whyLines(quiet, undefined).map(({ text }) => text);
  assert.equal(lines.slice(2), ["  -> Wanted: no: x.", "  -> The next run would: do nothing about it"]);
  assert.equal(JSON.parse(whyJson([{ outlook: quiet, log: undefined }])).format, 1);
});

const row: TableRow = {
  module: moduleId("zfs/2.2"),
  kernel: "linux 6.1-arch1-1",
  isRunning: true,
  state: "installed",
  package: "zfs-dkms",
  reason: undefined,
};

test("columns that stand below each other, reasons below their rows", () => {
  const lines = statusTable(
    [row, { ...row, module: moduleId("longer-name/1"), isRunning: false, state: "failed", reason: "make failed" }],
    80,
  );
  assert.equal(
    lines.map(({ text }) => text),
    [
      "MODULE         KERNEL               STATE      PACKAGE",
      "zfs/2.2        linux 6.1-arch1-1 *  installed  zfs-dkms",
      "longer-name/1  linux 6.1-arch1-1    failed     zfs-dkms",
      "    make failed",
      "* the running kernel",
    ],
  );
  assert.equal(
    lines.map(({ tone }) => tone),
    ["head", "good", "bad", "quiet", "quiet"],
  );
});

test("no line is longer than the terminal", () => {
  for (const columns of [20, 40, 60])
    for (const { text } of statusTable([{ ...row, reason: "x".repeat(200) }], columns))
      assert.ok(text.length <= columns);
});

test.run();
