/** Planning takes a time that grows with the machine, and not with its square. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import { world } from "../world-builder.ts";
import { isLong } from "../../form.ts";

const kernels = Array.from({ length: 10 }, (_, index) => ({ release: `6.${index}` }));
const releases = kernels.map(({ release }) => release);
/** Milliseconds of processor time: a tenth of it is usual once the code is warm, the rest is for machines that do something else meanwhile. */
const bound = 100;

/** The shortest of several times: whatever disturbs a measurement makes it longer. */
function fastest(work: () => void): number {
  const times = Array.from({ length: 20 }, () => {
    const { user, system } = process.cpuUsage();
    work();
    const used = process.cpuUsage({ user, system });
    return (used.user + used.system) / 1000;
  });
  return Math.min(...times);
}

test("100 modules for 10 kernels: new, unchanged, and upgraded with all that depends on them", () => {
  const every = Array.from({ length: 100 }, (_, index) => index);
  const states = {
    new: every.map((index) => ({ module: `m${index}/1`, buildDepends: index > 0 ? [`m${index - 1}`] : [] })),
    unchanged: every.map((index) => ({ module: `m${index}/1`, installed: releases })),
    upgraded: every.flatMap((index) => [
      { module: `m${index}/1`, source: "gone" as const, installed: releases },
      { module: `m${index}/2`, rebuild: "yes" as const, buildDepends: index > 0 ? ["m0"] : [] },
    ]),
  };
  const scope = { releases: new Set(releases), sourceDirectories: new Set<string>() };
  for (const [name, modules] of Object.entries(states)) {
    const state = world({ kernels, modules });
    for (const kind of ["transaction-install", "transaction-remove"] as const) {
      const took = fastest(() => decide(state, { kind, scope }));
      assert.ok(took < bound, `${kind} of ${name} modules took ${took.toFixed(1)} ms`);
      if (isLong) console.log(`${kind} of ${name} modules: ${took.toFixed(1)} ms`);
    }
  }
  const plan = decide(world({ kernels, modules: states.new }), { kind: "transaction-install", scope });
  assert.is(plan.steps.filter(({ step }) => step.kind === "build").length, 1000);
});

test.run();
