/** A program is read once, and again when anything about it has changed. */
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultLayout, programDigestsFile } from "../../../src/model/machine/layout.ts";
import { programDigest } from "../../../src/observe/stamps/program-digests.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-digests-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const layout = { ...defaultLayout, run: join(folder, "run") };
const program = join(folder, "a program");
const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

test("what is remembered is not read, until the file is another", () => {
  writeFileSync(program, "one");
  assert.is(programDigest(layout, program), digestOf("one"));
  const memory = programDigestsFile(layout);
  writeFileSync(memory, readFileSync(memory, "utf8").replace(digestOf("one"), digestOf("a mark")));
  assert.is(programDigest(layout, program), digestOf("a mark"));
  appendFileSync(program, " more");
  assert.is(programDigest(layout, program), digestOf("one more"));
  assert.is((JSON.parse(readFileSync(memory, "utf8")) as unknown[]).length, 1, "what is out of date is forgotten");
});

test("a memory that is none, or has no place, costs nothing but time", () => {
  for (const text of ["what is\nthis 12\n", "{}", "[1]", "[[1"]) {
    writeFileSync(programDigestsFile(layout), text);
    assert.is(programDigest(layout, program), digestOf("one more"));
  }
  assert.is(programDigest({ ...layout, run: "/proc/nowhere" }, program), digestOf("one more"));
  assert.is(programDigest(layout, join(folder, "nothing")), "absent");
});

test.run();
