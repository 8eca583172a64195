/** Random sequences of commands leave the same behind, whichever of the two programs carries them out. */
import fc, { type Parameters, type RunDetails } from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernels, modules } from "./cast.ts";
import { sequence } from "./generated.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { play, type Step, tellStep } from "./sequence.ts";
import { createTwins } from "./twins.ts";

const isLong = process.env["DKMS_ALPM_LONG"] === "1";

/** Seconds for the whole property, and for finding the shortest sequence once one has failed. */
const limit = isLong ? 500 : 45;
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
  const found = await check({ numRuns: isLong ? 2000 : 60, interruptAfterTimeLimit: limit * 1000, endOnFailure: true });
  if (!found.failed) {
    // However slow the machine is, some were compared.
    assert.ok(found.numRuns >= 3, `only ${found.numRuns} sequences in ${limit} seconds`);
    return;
  }
  const path = found.counterexamplePath ?? "";
  const shrunk = await check({ seed: found.seed, path, interruptAfterTimeLimit: shrinkLimit * 1000 });
  const { counterexample, errorInstance, seed } = shrunk.failed ? shrunk : found;
  const lines = (counterexample?.[0] ?? []).map((step) => `  ${tellStep(step)}`);
  throw new Error([`seed ${seed}, path ${path}:`, ...lines, String(errorInstance)].join("\n"));
});

test.after(() => twins.dispose());

test.run();
