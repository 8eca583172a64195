/**
 * Random sequences of commands leave the same behind, whichever of the two programs carries them out; and random bad entries in the tree of one module leave
 * the others what they are without those.
 */
import fc, { type Parameters, type RunDetails } from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernels, modules } from "./cast.ts";
import { fateOfOthers, prepare, someEntries, tellEntries } from "./odd-entries.ts";
import { seededRandom } from "../crash/random.ts";
import { sequence } from "./generated.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { play, type Step, tellStep } from "./sequence.ts";
import { createTwins } from "./twins.ts";
import { isLong, seed as runSeed } from "../../form.ts";

/** How many sequences are tried, in the long form as far as its seconds go; and the seconds for finding the shortest once one has failed. */
const [runs, limit] = isLong ? [2000, 500] : [5, Infinity];
const shrinkLimit = 60;

const twins = await createTwins();
const fills = [await madeUpKernels(kernels), await madeUpModules(modules)];

const property = fc.asyncProperty(sequence, async (steps) => {
  await twins.reset(fills);
  const { unexplained } = await play(twins, steps);
  if (unexplained.length > 0) throw new Error(unexplained.join("\n"));
});

type Details = RunDetails<[readonly Step[]]>;

function check(parameters: Parameters<[readonly Step[]]>): Promise<Details> {
  return fc.check(property, parameters);
}

test("random sequences end in the same state", async () => {
  const found = await check({
    seed: runSeed,
    numRuns: runs,
    interruptAfterTimeLimit: limit * 1000,
    endOnFailure: true,
  });
  if (!found.failed) {
    // However slow the machine is, one at least was compared.
    assert.ok(found.numRuns >= 1, `no sequence in ${limit} seconds`);
    return;
  }
  const path = found.counterexamplePath ?? "";
  const shrunk = await check({ seed: found.seed, path, interruptAfterTimeLimit: shrinkLimit * 1000 });
  const { counterexample, errorInstance, seed } = shrunk.failed ? shrunk : found;
  const lines = (counterexample?.[0] ?? []).map((step) => `  ${tellStep(step)}`);
  throw new Error([`seed ${seed}, path ${path}:`, ...lines, String(errorInstance)].join("\n"));
});

test(`bad entries of one module (seed ${runSeed})`, async () => {
  const random = seededRandom();
  await prepare(twins);
  const expected = await fateOfOthers(twins, "ours", []);
  // Where the reference copes with a bad entry, the others are what they are for it without that entry.
  assert.equal(expected, await fateOfOthers(twins, "reference", []));
  for (let count = isLong ? 150 : 4; count > 0; count -= 1) {
    const entries = someEntries(random);
    assert.equal(await fateOfOthers(twins, "ours", entries), expected, tellEntries(entries));
  }
});

test.after(() => twins.dispose());

test.run();
