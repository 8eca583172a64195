/** Sources that are found below the source tree. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultSource } from "../../../src/model/machine/layout.ts";
import { sourceDirectories } from "../../../src/observe/tree/sources.ts";
import { hasSource, readTree } from "../../../src/observe/tree/tree.ts";
import { takeUnexpected } from "../../../src/system/files/unexpected.ts";
import { asNobody } from "../../as-nobody.ts";
import { build, makeScratch, put } from "../../act/install/scratch.ts";

test("a directory that the user may not look into stops nobody: it is noted, and a registered one counts", () => {
  const scratch = makeScratch();
  try {
    const { layout } = scratch;
    chmodSync(scratch.root, 0o755);
    const pair = build(scratch, "mine/1.0", {});
    const [mine, open] = [defaultSource(layout, pair.module), join(layout.sourceTree, "open-1.0")];
    const hidden = join(layout.sourceTree, "hidden");
    for (const directory of [mine, open, hidden]) put(join(directory, "dkms.conf"), "");
    const bare = join(layout.sourceTree, "bare");
    mkdirSync(bare);
    for (const directory of [mine, hidden]) chmodSync(directory, 0o700);

    takeUnexpected();
    const found = asNobody(() => sourceDirectories(layout).map(({ name }) => name));
    assert.equal(found, ["open-1.0"]);
    const notes = takeUnexpected();
    assert.is(notes.length, 2);
    assert.match(notes[0] ?? "", `${hidden} is left out: Cannot look at ${hidden}/dkms.conf: permission denied.`);

    const [module] = asNobody(() => readTree(layout));
    assert.ok(module !== undefined);
    assert.equal([module.sourcePresent, asNobody(() => hasSource(module))], [true, true]);
    assert.not.ok(hasSource({ ...module, source: bare }));
    assert.equal(takeUnexpected(), []);
  } finally {
    scratch.remove();
  }
});

test.run();
