/** Times and titles of logs; frames are seen in compile.test.ts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { elapsedText, isLogOf } from "../../../src/act/compile/make-log.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";

for (const [seconds, text] of [
  [0, "00:00:00"],
  [59.99, "00:00:59"],
  [61, "00:01:01"],
  [3600 * 25 + 62, "25:01:02"],
] as const) {
  test(`${seconds} seconds`, () => assert.is(elapsedText(seconds), text));
}

test("a log tells whose it is", () => {
  const pair = {
    module: { name: moduleName("m"), version: moduleVersion("1") },
    kernel: { release: kernelRelease("6.1"), arch: architecture("x86_64") },
  };
  assert.ok(isLogOf("DKMS (dkms-3.2.2) make.log for m/1 for kernel 6.1 (x86_64)\nmore", pair));
  assert.not.ok(isLogOf("DKMS (dkms-3.2.2) make.log for m/1 for kernel 6.10 (x86_64)\n", pair));
  assert.not.ok(isLogOf("", pair));
});

test.run();
