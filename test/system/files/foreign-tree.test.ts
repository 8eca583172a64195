/** What a tree that others have filled gives when it fails under our hands; what hostile builds leave is in test/act/compile/import.test.ts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { ForeignTree } from "../../../src/system/files/foreign-tree.ts";

const failing: Readonly<Record<string, (tree: ForeignTree) => unknown>> = {
  "it is listed": (tree) => tree.list(""),
  "it is tamed": (tree) => tree.tame(),
  "it is given back": (tree) => tree.release(),
};

for (const [what, act] of Object.entries(failing)) {
  test(`a tree that is removed meanwhile is an error in words when ${what}`, () => {
    const root = mkdtempSync(join(tmpdir(), "dkms-foreign-"));
    mkdirSync(join(root, "made"));
    writeFileSync(join(root, "made/file"), "");
    const tree = new ForeignTree(join(root, "made"));
    rmSync(root, { recursive: true });
    try {
      act(tree);
      assert.unreachable("there is no such directory");
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      assert.is(error.code, "file-failed");
      assert.match(error.message, join(root, "made"));
    }
  });
}

test.run();
