/** Removal of trees that somebody has made hard to remove. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { removeTree } from "../../../src/system/writing/file-changes.ts";

const rows: readonly (readonly [what: string, script: string])[] = [
  [
    "60 nested directories of 200 characters",
    'name=$(printf "%0200d" 0); for n in $(seq 60); do mkdir "$name" && cd "$name" && echo x >file; done',
  ],
  [
    "names that are no text",
    String.raw`d=$(printf 'd\376'); : >"$(printf 'a\377b')" && mkdir "$d" && : >"$d/in" && mkdir "$d/$d"`,
  ],
  ["links out of it", String.raw`ln -s /etc link; d=$(printf 'd\376'); mkdir -p "$d/in/in"; ln -s /usr "$d/in/link"`],
  ["directories without any right", "mkdir -p a/b && : >a/b/c && chmod 000 a/b a"],
];

for (const [what, script] of rows) {
  test(what, () => {
    const scratch = mkdtempSync(join(tmpdir(), "dkms-alpm-stubborn-"));
    try {
      const tree = join(scratch, "tree");
      execFileSync("bash", ["-ec", `mkdir "$0"; cd "$0"; ${script}`, tree]);
      removeTree(tree);
      assert.not.ok(existsSync(tree));
      assert.ok(existsSync("/etc/passwd"));
    } finally {
      execFileSync("rm", ["-rf", scratch]);
    }
  });
}

test("nothing happens where there is nothing", () => removeTree("/nonexistent/dkms-alpm"));

test.run();
