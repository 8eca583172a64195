/** Of several commands on one disk the one is stopped that fills it. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { watchDisk } from "../../../src/act/compile/disk-watch.ts";
import { until } from "../../until.ts";

test("the command whose directory takes most is stopped, and the others wait for its room", async () => {
  const root = fs.mkdtempSync(join(tmpdir(), "dkms-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "none", root]);
  const directories = ["small", "big", "empty"].map((name) => join(root, name));
  for (const directory of directories) fs.mkdirSync(directory);
  const { signal } = new AbortController();
  const watches = directories.map((directory) => watchDisk([directory], undefined, signal));
  try {
    fs.writeFileSync(join(root, "small/file"), Buffer.alloc(2 * 1024 ** 2));
    fs.mkdirSync(join(root, "big/below"));
    fs.writeFileSync(join(root, "big/below/file"), Buffer.alloc(10 * 1024 ** 2));
    // Its length is none of the disk's.
    fs.truncateSync(join(root, "small/file"), 8 * 1024 ** 3);
    await until("one is stopped", () => Promise.resolve(watches.some((watch) => watch.excess() !== undefined)));
    // Some turns of each watch.
    await setTimeout(1000);
    assert.equal(
      watches.map((watch) => [watch.excess()?.kind, watch.signal.aborted]),
      [
        [undefined, false],
        ["disk", true],
        [undefined, false],
      ],
    );
  } finally {
    for (const watch of watches) watch.close();
    execFileSync("umount", [root]);
    fs.rmdirSync(root);
  }
});

test.run();
