/** What a log says of the command that failed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { failedCommand } from "../../src/observe/build-logs.ts";

const line = "-".repeat(64);
const frame = (description: string, output: string, status: number): string =>
  `\n${description}\n# command: some words\n${output}\n# exit code: ${status}\n# elapsed time: 00:00:01\n${line}\n`;
const title = "DKMS (dkms-alpm-1.0.0) make.log for zfs/2.2 for kernel 6.1 (x86_64)\nSat Nov 29 15:00:00 +0000 2026\n";
const script = frame("Running the pre_build script", "fetching\n", 0);

test("make failed behind a script that did not", () => {
  const text = `${title}${script}${frame("Building module(s)", "a.c:1: error: x\nmake: *** [a] Error 1\n", 2)}`;
  assert.equal(failedCommand(text), { output: "a.c:1: error: x\nmake: *** [a] Error 1\n", isMake: true });
});

test("a script, and a patch", () => {
  assert.equal(failedCommand(`${title}${frame("Running the pre_build script", "no\n", 1)}`)?.isMake, false);
  assert.equal(failedCommand(`${title}${frame("Applying patch a.patch", "no\n", 1)}`)?.isMake, false);
});

test("a build that went well, one that was killed, and a text that is no log", () => {
  assert.is(failedCommand(`${title}${script}`), undefined);
  assert.is(failedCommand(`${title}${script}\nBuilding module(s)\n# command: make\n  CC a.o\n`), undefined);
  assert.is(failedCommand("nothing\n"), undefined);
  assert.is(failedCommand(""), undefined);
});

test.run();
