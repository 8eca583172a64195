/** What a run has installed and somebody has removed: nothing is reported that the run itself has removed, and everything else is. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lostPairs } from "../../../src/decide/plan/lost-pairs.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import type { Module } from "../../../src/model/machine/world.ts";
import { pairKey } from "../../../src/model/pair.ts";
import type { Outcome } from "../../../src/model/run/outcome.ts";
import type { Plan } from "../../../src/model/run/plan.ts";
import { situations } from "../generated-worlds.ts";
import { hooks, planOn, requestOf, runs, start } from "../laws.ts";
import { simulate, type Run } from "../simulate.ts";

const error = new DkmsError("make-failed", "it does not build");

function outcomesOf({ steps }: Plan, { endings }: Run): readonly Outcome[] {
  return steps.flatMap((planned, index): Outcome[] => {
    const kind = endings[index];
    if (kind === undefined) return [];
    const ending =
      kind === "done" ? { kind } : kind === "failed" ? { kind, error } : { kind, cause: "own-failure" as const, error };
    return [{ index, planned, ending, seconds: 0 }];
  });
}

test("a run that nobody disturbs loses nothing, whatever fails", () => {
  const choices = fc.array(fc.nat(20), { maxLength: 40 });
  fc.assert(
    fc.property(situations(), hooks, choices, fc.nat(3), (situation, kind, order, failing) => {
      const before = start(situation);
      const plan = planOn(before, requestOf(situation, kind));
      const builds = plan.steps.flatMap(({ step }) => (step.kind === "build" ? [pairKey(step.pair)] : []));
      const run = simulate(before, plan, { choices: order, failing: new Set(builds.slice(0, failing)) });
      assert.equal(lostPairs(outcomesOf(plan, run), run.after.world.modules), []);
    }),
    runs,
  );
});

test("what it has installed and somebody removes is reported", () => {
  let lost = 0;
  fc.assert(
    fc.property(situations(), hooks, fc.nat(), (situation, kind, choice) => {
      const before = start(situation);
      const plan = planOn(before, requestOf(situation, kind));
      const run = simulate(before, plan);
      const outcomes = outcomesOf(plan, run);
      const steps = outcomes.map(({ planned }) => planned.step);
      const own = new Set(steps.flatMap((step) => (step.kind === "install" ? [pairKey(step.pair)] : [])));
      const { modules } = run.after.world;
      const there = modules
        .flatMap(({ pairs }) => pairs)
        .filter(({ pair, state }) => state === "installed" && own.has(pairKey(pair)));
      const chosen = there[choice % Math.max(1, there.length)];
      if (chosen === undefined) return;
      const rest = modules.map((module): Module => ({
        ...module,
        pairs: module.pairs.filter((state) => state !== chosen),
      }));
      assert.equal(lostPairs(outcomes, rest), [chosen.pair]);
      lost += 1;
    }),
    runs,
  );
  assert.ok(lost > 50, `${lost} pairs were removed`);
});

test.run();
