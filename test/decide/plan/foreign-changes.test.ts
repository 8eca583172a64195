/** What others have changed during a run: nothing is told of what the run itself has done, whatever that was, and everything else is. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { foreignChanges } from "../../../src/decide/plan/foreign-changes.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import type { Outcome } from "../../../src/model/run/outcome.ts";
import { pairKey } from "../../../src/model/pair.ts";
import type { Plan } from "../../../src/model/run/plan.ts";
import type { Module } from "../../../src/model/machine/world.ts";
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

test("of what a run has done itself nothing is told, whatever failed and in whichever order it went", () => {
  const choices = fc.array(fc.nat(20), { maxLength: 40 });
  fc.assert(
    fc.property(situations(), hooks, choices, fc.nat(3), (situation, kind, order, failing) => {
      const before = start(situation);
      const plan = planOn(before, requestOf(situation, kind));
      const builds = plan.steps.flatMap(({ step }) => (step.kind === "build" ? [pairKey(step.pair)] : []));
      const run = simulate(before, plan, { choices: order, failing: new Set(builds.slice(0, failing)) });
      assert.equal(foreignChanges(before.world.modules, outcomesOf(plan, run), run.after.world.modules), []);
    }),
    runs,
  );
});

test("a pair that somebody takes away, or puts there, is told", () => {
  let told = 0;
  fc.assert(
    fc.property(situations(), hooks, fc.nat(), (situation, kind, choice) => {
      const before = start(situation);
      const plan = planOn(before, requestOf(situation, kind));
      const run = simulate(before, plan);
      const { modules } = run.after.world;
      const there = modules.flatMap(({ pairs }) => pairs);
      const chosen = there[choice % Math.max(1, there.length)];
      if (chosen === undefined) return;
      const without = (list: readonly Module[]): readonly Module[] =>
        list.map((module) => ({ ...module, pairs: module.pairs.filter((state) => state !== chosen) }));
      const outcomes = outcomesOf(plan, run);
      const { pair, state } = chosen;
      const gone = foreignChanges(before.world.modules, outcomes, without(modules));
      assert.equal(gone, [{ pair, expected: state, found: "absent" }]);
      told += 1;
      if (outcomes.length > 0) return;
      const come = foreignChanges(without(modules), outcomes, modules);
      assert.equal(come, [{ pair, expected: "absent", found: state }]);
    }),
    runs,
  );
  assert.ok(told > 100, `${told} pairs were taken away`);
});

test.run();
