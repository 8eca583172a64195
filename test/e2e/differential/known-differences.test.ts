/** Every known difference shows in its example, and nothing else differs there. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { kernels, modules } from "./cast.ts";
import { knownDifferences } from "./differences.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { play } from "./sequence.ts";
import { createTwins } from "./twins.ts";

const twins = await createTwins();
const fills = [await madeUpKernels(kernels), await madeUpModules(modules)];

for (const { name, example } of share(knownDifferences, 3)) {
  test(name, async () => {
    await twins.reset(fills);
    const { unexplained, explained } = await play(twins, example);
    assert.is(unexplained.join("\n"), "");
    assert.ok(explained.includes(name), `the example shows only: ${explained.join(", ") || "nothing"}`);
  });
}

test.after(() => twins.dispose());

test.run();
