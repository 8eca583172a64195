/** Copies belong to whoever makes them, whatever Node does with the owner of the original. */
import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { copyDurably } from "../../../src/system/writing/durable-files.ts";
import { copyExpendable } from "../../../src/system/writing/expendable-files.ts";
import { copyAtomically, copyTree } from "../../../src/system/writing/copies.ts";

const own = process.geteuid?.() ?? 0;
const builder = 61_100;

/** The owner of a copy of what a build has made; only root can make such an original. */
function ownerOfCopy(copy: (from: string, to: string) => void, path = ""): number {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-copies-"));
  try {
    const from = join(folder, "from");
    if (path === "") writeFileSync(from, "bytes");
    else {
      mkdirSync(join(from, "sub"), { recursive: true });
      writeFileSync(join(from, "sub/file"), "bytes");
      symlinkSync("file", join(from, "sub/link"));
      if (own === 0) chownSync(join(from, "sub/file"), builder, builder);
    }
    if (own === 0) chownSync(from, builder, builder);
    copy(from, join(folder, "to"));
    return lstatSync(join(folder, "to", path)).uid;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a copy of a file is ours", () => {
  assert.is(ownerOfCopy(copyAtomically), own);
  assert.is(ownerOfCopy(copyExpendable), own);
  assert.is(
    ownerOfCopy((from, to) => copyDurably(from, to, 0o644)),
    own,
  );
});

test("a copy of a tree is ours, with all in it", () => {
  for (const path of [".", "sub", "sub/file", "sub/link"]) assert.is(ownerOfCopy(copyTree, path), own, path);
});

test.run();
