import { rmSync, symlinkSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compressionSuffix } from "../../../src/observe/kernel/compression.ts";
import { put } from "../../act/install/scratch.ts";

const root = mkdtempSync(join(tmpdir(), "dkms-suffix-"));
test.after(() => rmSync(root, { recursive: true }));

const rows: readonly (readonly [words: string, files: readonly string[], suffix: string])[] = [
  ["no modules", [], ""],
  ["plain ones", ["kernel/fs/ext4.ko"], ""],
  ["gzip", ["kernel/fs/ext4.ko.gz"], ".gz"],
  ["xz before gzip", ["kernel/a.ko.gz", "kernel/b.ko.xz", "kernel/c.ko.gz"], ".xz"],
  ["zstd before xz", ["kernel/a.ko.xz", "kernel/z/b.ko.zst"], ".zst"],
  ["only ours", ["updates/dkms/zfs.ko.zst"], ".zst"],
  ["ours besides", ["kernel/fs/ext4.ko.xz", "updates/dkms/zfs.ko.zst"], ".zst"],
  ["headers do not count", ["build/tools/a.ko.zst", "kernel/fs/ext4.ko"], ""],
  ["other names do not count", ["kernel/fs/ext4.ko.zst.old", "kernel/fs/README.zst"], ""],
];
for (const [index, [words, files, suffix]] of rows.entries()) {
  test(`${words}: "${suffix}"`, () => {
    const directory = join(root, String(index));
    for (const file of files) put(join(directory, file), "");
    assert.is(compressionSuffix(directory), suffix);
  });
}

test("links to directories are not followed, and a kernel is looked at once", () => {
  const directory = join(root, "links");
  put(join(root, "elsewhere/a.ko.zst"), "");
  put(join(directory, "kernel/a.ko"), "");
  symlinkSync(join(root, "elsewhere"), join(directory, "kernel/link"));
  assert.is(compressionSuffix(directory), "");
  put(join(directory, "kernel/b.ko.zst"), "");
  assert.is(compressionSuffix(directory), "");
});

test.run();
