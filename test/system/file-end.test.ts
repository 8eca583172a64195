/** The end of a file is read without the rest of it. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readFromLast } from "../../src/system/files/file-end.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-end-"));
test.after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the last place of the word counts", () =>
  assert.is(readFromLast(file("two", "start 1\nold\nstart 2\nnew\n"), "start"), "start 2\nnew\n"));

test("no such word, an empty file, no file, a directory: nothing", () => {
  assert.is(readFromLast(file("none", "nothing\n"), "start"), "");
  assert.is(readFromLast(file("empty", ""), "start"), "");
  assert.is(readFromLast(join(folder, "absent"), "start"), "");
  assert.is(readFromLast(folder, "start"), "");
});

test("a word far from the end is found", () => {
  const tail = `start\n${"a line of the log\n".repeat(100_000)}`;
  assert.is(readFromLast(file("long", `${"before\n".repeat(10_000)}${tail}`), "start"), tail);
});

/** Node cannot hold such a text at all: whoever read the whole file would fail. */
test("a log of a gigabyte takes no more memory than its end", () => {
  const path = file("huge", "start of all\n");
  const descriptor = openSync(path, "r+");
  ftruncateSync(descriptor, 2 ** 30);
  writeSync(descriptor, "start\nend\n", 2 ** 30);
  closeSync(descriptor);
  const before = process.memoryUsage.rss();
  assert.is(readFromLast(path, "start"), "start\nend\n");
  assert.ok(process.memoryUsage.rss() - before < 50_000_000);
});

test.run();
