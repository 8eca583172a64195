/** A link that leads to itself is nothing to whoever reads: neither an error nor a reason to stop. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sameContent } from "../../../src/system/files/content.ts";
import * as files from "../../../src/system/files/files.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-circle-"));
const link = join(root, "link");
fs.symlinkSync("link", link);
fs.writeFileSync(join(root, "file"), "text");

const readers: readonly (readonly [name: string, read: (path: string) => unknown, nothing: unknown])[] = [
  ["fileKind", files.fileKind, "none"],
  ["targetKind", files.targetKind, "none"],
  ["leadsToDirectory", files.leadsToDirectory, false],
  ["subdirectories", files.subdirectories, undefined],
  ["targetFacts", files.targetFacts, undefined],
  ["fileFacts", files.fileFacts, undefined],
  ["listDirectory", files.listDirectory, []],
  ["listEntries", files.listEntries, []],
  ["listTree", files.listTree, []],
  ["readLink", files.readLink, undefined],
  ["realPath", files.realPath, undefined],
  ["isSameFile", (path) => files.isSameFile(path, join(root, "file")), false],
  ["sameContent", (path) => sameContent(path, join(root, "file")), false],
];

for (const [name, read, nothing] of readers) {
  test(`${name} below a link that leads to itself, and below a file`, () => {
    assert.equal(read(join(link, "below")), nothing);
    assert.equal(read(join(root, "file/below")), nothing);
    assert.equal(read(join(root, "none/below")), nothing);
  });
}

test.after(() => fs.rmSync(root, { recursive: true }));

test.run();
