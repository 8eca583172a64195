/** Times and titles of logs; frames are seen in compile.test.ts. */
import { ftruncateSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { elapsedText, isLogOf, openMakeLog } from "../../../src/act/compile/make-log.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";

for (const [seconds, text] of [
  [0, "00:00:00"],
  [59.99, "00:00:59"],
  [61, "00:01:01"],
  [3600 * 25 + 62, "25:01:02"],
] as const) {
  test(`${seconds} seconds`, () => assert.is(elapsedText(seconds), text));
}

const pair = {
  module: { name: moduleName("m"), version: moduleVersion("1") },
  kernel: { release: kernelRelease("6.1"), arch: architecture("x86_64") },
};

test("a log tells whose it is", () => {
  assert.ok(isLogOf("DKMS (dkms-3.2.2) make.log for m/1 for kernel 6.1 (x86_64)\nmore", pair));
  assert.not.ok(isLogOf("DKMS (dkms-3.2.2) make.log for m/1 for kernel 6.10 (x86_64)\n", pair));
  assert.not.ok(isLogOf("", pair));
});

test("what a command makes of its log is cut to a length that can be read", () => {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-log-"));
  try {
    const log = openMakeLog(join(folder, "make.log"), pair, "dkms-alpm");
    const frame = log.begin("Building module(s)", "make");
    writeSync(log.descriptor, "error: the first line\n");
    // Takes nothing on the disk, and whoever copies it fills that.
    ftruncateSync(log.descriptor, 900 * 1024 ** 3);
    writeSync(log.descriptor, "the last line\n");
    assert.match(frame.end(1, 2), "the last line");
    log.close();
    assert.ok(statSync(log.path).size < 65 * 1024 ** 2);
    const text = readFileSync(log.path, "utf8");
    assert.match(text, "error: the first line");
    assert.match(text, /bytes are left out here\.\n\n# exit code: 1\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
