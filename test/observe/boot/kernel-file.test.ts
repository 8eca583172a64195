/** Releases read out of kernel files. */
import { gzipSync } from "node:zlib";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readKernelFile } from "../../../src/observe/boot/kernel-file.ts";
import { arm64Image, bzImage, peFile } from "./made-files.ts";

const directory = mkdtempSync(join(tmpdir(), "dkms-kernel-file-"));
test.after(() => rmSync(directory, { recursive: true }));

const uki = peFile({ ".uname": Buffer.from("6.6.2-arch1-1"), ".linux": bzImage("6.6.2-arch1-1") });

const rows: readonly (readonly [title: string, bytes: Buffer, expected: string])[] = [
  ["a bzImage", bzImage("6.6.1-arch1-1"), "release 6.6.1-arch1-1"],
  [
    "a bzImage with a signature behind it",
    Buffer.concat([bzImage("6.6.1-arch1-1"), Buffer.alloc(99)]),
    "release 6.6.1-arch1-1",
  ],
  [
    "a bzImage that is cut off",
    bzImage("6.6.1-arch1-1").subarray(0, 3000),
    "damaged it is cut off: 3000 of 5632 bytes are there",
  ],
  [
    "the first bytes of a bzImage",
    bzImage("6.6.1-arch1-1").subarray(0, 100),
    "damaged it is cut off: it has 100 bytes",
  ],
  ["an empty file", Buffer.alloc(0), "damaged it is empty"],
  ["a Unified Kernel Image", uki, "release 6.6.2-arch1-1"],
  ["one without .uname", peFile({ ".linux": bzImage("6.6.2-arch1-1") }), "release 6.6.2-arch1-1"],
  ["one that is cut off", uki.subarray(0, uki.length - 600), "damaged it is cut off: its section .linux is not whole"],
  ["an arm64 Image", arm64Image("6.2.10-1-aarch64-ARCH"), "release 6.2.10-1-aarch64-ARCH"],
  ["an arm64 Image.gz", gzipSync(arm64Image("6.2.10-1-aarch64-ARCH")), "release 6.2.10-1-aarch64-ARCH"],
  ["an Image.gz that is cut off", gzipSync(arm64Image("6.2.10")).subarray(0, 40), "damaged"],
  [
    "an arm64 Image without a banner",
    Buffer.concat([arm64Image("6").subarray(0, 0x400), Buffer.alloc(512)]),
    "unknown",
  ],
  ["a text", Buffer.from("no kernel\n".repeat(200)), "unknown"],
];

for (const [title, bytes, expected] of rows) {
  test(title, () => {
    const path = join(directory, "vmlinuz");
    writeFileSync(path, bytes);
    const state = readKernelFile(path);
    const words = `${state.kind} ${"release" in state ? state.release : "why" in state ? state.why : ""}`;
    assert.ok(words.startsWith(expected), words);
  });
}

test("no file", () => assert.equal(readKernelFile(join(directory, "none")), { kind: "absent" }));

test.run();
