/** What a tree that others have filled gives when it fails under our hands; what hostile builds leave is in test/act/compile/import.test.ts. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

const rows: Readonly<Record<string, string>> = {
  "with names that are no text": String.raw`n=$(printf 'a\377\n'); cp /bin/true "$n"; chmod 6755 "$n"; d=$(printf 'd\376'); mkdir -p "$d/$d"; cp /bin/true "$d/$d/in"; chmod 4755 "$d/$d/in"`,
  "400 directories deep":
    "for i in {1..40}; do mkdir -p a/a/a/a/a/a/a/a/a/a && cd a/a/a/a/a/a/a/a/a/a; done; cp /bin/true s; chmod 6755 s",
  "deeper than a path can tell":
    'name=$(printf "%0200d" 0); for n in {1..30}; do mkdir "$name" && cd "$name"; done; cp /bin/true s; chmod 6755 s',
};

for (const [what, script] of Object.entries(rows)) {
  test(`a tree ${what} has nothing with rights of its own when it is tamed`, () => {
    const root = mkdtempSync(join(tmpdir(), "dkms-foreign-"));
    try {
      const readable = "mkdir src; cp /bin/true src/shell; chmod 6777 src/shell; echo x >src/kept.c";
      execFileSync("bash", ["-ec", `cd "$0"; ${readable}; ${script}`, root]);
      new ForeignTree(root).tame();
      const special = execFileSync("find", [root, "-perm", "/7022", "!", "-type", "l"], { encoding: "utf8" });
      assert.is(special, "");
      assert.equal(readdirSync(root).includes("src"), true);
      assert.equal(readdirSync(join(root, "src")), ["kept.c", "shell"]);
    } finally {
      execFileSync("rm", ["-rf", root]);
    }
  });
}

test.run();
