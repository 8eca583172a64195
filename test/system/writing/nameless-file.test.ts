/** A file without a name: nothing of it is ever seen in a directory, and it is read from its start. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openWithoutName } from "../../../src/system/writing/nameless-file.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-alpm-nameless-"));
process.on("exit", () => fs.rmSync(root, { recursive: true, force: true }));
process.env["TMPDIR"] = root;

test("its directory is never touched, and it is read from its start", () => {
  const before = fs.statSync(root, { bigint: true }).mtimeNs;
  const content = Buffer.alloc(300_000, "filter");
  const descriptor = openWithoutName(content);
  assert.is(fs.statSync(root, { bigint: true }).mtimeNs, before);
  assert.is(fs.fstatSync(descriptor).nlink, 0);
  const read = Buffer.alloc(content.length + 1);
  assert.is(fs.readSync(descriptor, read, 0, read.length, null), content.length);
  assert.ok(read.subarray(0, -1).equals(content));
  fs.closeSync(descriptor);
});

test("a directory that is missing is made, and nothing stays in it", () => {
  process.env["TMPDIR"] = join(root, "missing");
  const descriptor = openWithoutName(Buffer.from("filter"));
  process.env["TMPDIR"] = root;
  assert.is(fs.readFileSync(descriptor, "utf8"), "filter");
  assert.equal(fs.readdirSync(join(root, "missing")), []);
  fs.closeSync(descriptor);
});

test.run();
