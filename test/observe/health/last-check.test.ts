/** The last answer of `dkms check`, as long as it is about what is installed. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkFile } from "../../../src/model/machine/layout.ts";
import { readLastCheck } from "../../../src/observe/health/last-check.ts";
import { makeScratch, put } from "../../act/install/scratch.ts";

/** Whether the answer about linux 1 to 2, and a package that is new, still counts where these are installed. */
function counts(...installed: readonly string[]): boolean {
  const { root, layout, remove } = makeScratch();
  try {
    const packages = [
      { name: "linux", version: "2-1", installed: "1-1" },
      { name: "new-dkms", version: "1-1" },
    ];
    const answer = { format: 1, verdict: "breaks", packages, kernels: [], findings: [], ignore: [] };
    put(checkFile(layout), JSON.stringify(answer));
    for (const name of installed) mkdirSync(join(root, "database/local", name), { recursive: true });
    return readLastCheck(layout, join(root, "database")) !== undefined;
  } finally {
    remove();
  }
}

test("it counts until one of its packages is upgraded, to whatever version", () => {
  assert.is(counts("linux-1-1"), true);
  assert.is(counts("linux-2-1"), false);
  assert.is(counts("linux-3-1"), false, "the repository had moved on");
  assert.is(counts("linux-1-1", "new-dkms-1-1"), false);
});

test.run();
