import { test } from "uvu";
import * as assert from "uvu/assert";
import { durationText, userNames } from "../../src/tell/names.ts";

const linux = { release: "6.6.2-arch1-1", arch: "x86_64", pkgbase: "linux" };
const own = { release: "6.6.2", arch: "x86_64", pkgbase: undefined };

for (const [kernels, text, named] of [
  [[linux, linux], "zfs/1 for 6.6.2-arch1-1 (x86_64) failed", "zfs/1 for linux 6.6.2-arch1-1 failed"],
  [[linux], "no headers of kernel 6.6.2-arch1-1 (x86_64)", "no headers of linux 6.6.2-arch1-1"],
  [[own, linux], "zfs/1 for 6.6.2 (x86_64)", "zfs/1 for 6.6.2"],
  [[own, linux], "zfs/6.6.2 for 16.6.2 (x86_64)", "zfs/6.6.2 for 16.6.2 (x86_64)"],
  [[linux, { ...linux, arch: "aarch64" }], "a/1 for 6.6.2-arch1-1 (x86_64)", "a/1 for linux 6.6.2-arch1-1 (x86_64)"],
  [[{ ...linux, pkgbase: "$&" }], "a/1 for 6.6.2-arch1-1 (x86_64)", "a/1 for $& 6.6.2-arch1-1"],
] as const) {
  test(text, () => assert.is(userNames(kernels)(text), named));
}

for (const [seconds, text] of [
  [0.84, "0.8 s"],
  [9.97, "10 s"],
  [12.4, "12 s"],
  [59.7, "1 min"],
  [160, "2 min 40 s"],
  [3900, "1 h 5 min"],
] as const) {
  test(`${seconds}`, () => assert.is(durationText(seconds), text));
}

test.run();
