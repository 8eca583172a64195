/** The removal script that is kept of an installed module, for when its source was removed. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runSourceScript } from "../../src/act/source-scripts.ts";
import { keptDirectory } from "../../src/model/machine/layout.ts";
import { readWholeWorld } from "../../src/observe/world.ts";
import { takeUnexpected } from "../../src/system/files/unexpected.ts";
import { observeContext } from "../observe/context.ts";
import { kernel, makeScratch, pairOf, put } from "./install/scratch.ts";

for (const [what, text, isRun] of [
  ["whole", '{"path":"gone.sh","words":""}\n', true],
  ["cut short", '{"path":"gone', false],
  ["empty", "", false],
  ["something else", "[1]", false],
] as const) {
  test(`a note that is ${what} ${isRun ? "names the script" : "is reported, and nothing runs"}`, async () => {
    const scratch = makeScratch();
    try {
      const { module } = pairOf("m/1");
      const context = observeContext(scratch.layout);
      const kept = keptDirectory(scratch.layout, module);
      put(join(kept, "post-remove.json"), text);
      takeUnexpected();
      const world = await readWholeWorld(context);
      const { signal } = new AbortController();
      const order = { name: "post-remove", module, kernel, directives: undefined } as const;
      assert.is(await runSourceScript(order, { ...context, world, signal, tell: scratch.tell }), 0);
      // The script itself is not there.
      assert.is(scratch.warnings.length, isRun ? 1 : 0);
      const note = `${kept}/post-remove.json is damaged: the post-remove script of m/1 is not run.`;
      assert.equal(takeUnexpected(), isRun ? [] : [note]);
    } finally {
      scratch.remove();
    }
  });
}

test.run();
