/** Planning takes a time that grows with the machine, and not with its square. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../../src/decide/plan/plan.ts";
import { world } from "../world-builder.ts";
import { growthOf, processorMilliseconds } from "../../processor-time.ts";

const kernels = Array.from({ length: 10 }, (_, index) => ({ release: `6.${index}` }));
const releases = kernels.map(({ release }) => release);
/** Modules that are new, unchanged, and upgraded with all that depends on them. */
function statesOf(count: number): Readonly<Record<"new" | "unchanged" | "upgraded", Parameters<typeof world>[0]>> {
  const every = Array.from({ length: count }, (_, index) => index);
  const states = {
    new: every.map((index) => ({ module: `m${index}/1`, buildDepends: index > 0 ? [`m${index - 1}`] : [] })),
    unchanged: every.map((index) => ({ module: `m${index}/1`, installed: releases })),
    upgraded: every.flatMap((index) => [
      { module: `m${index}/1`, source: "removed" as const, installed: releases },
      { module: `m${index}/2`, rebuild: "yes" as const, buildDepends: index > 0 ? ["m0"] : [] },
    ]),
  };
  return {
    new: { kernels, modules: states.new },
    unchanged: { kernels, modules: states.unchanged },
    upgraded: { kernels, modules: states.upgraded },
  };
}

test("eight times the modules for 10 kernels take eight times as long to plan, not sixty-four", () => {
  const [few, many] = [statesOf(15), statesOf(120)];
  const scope = { releases: new Set(releases), sourceDirectories: new Set<string>() };
  for (const name of ["new", "unchanged", "upgraded"] as const) {
    const [small, large] = [world(few[name]), world(many[name])];
    for (const kind of ["transaction-install", "transaction-remove"] as const) {
      const measure = (): number =>
        growthOf(
          () => decide(small, { kind, scope }),
          () => decide(large, { kind, scope }),
        );
      // Other work of the machine can only make it look worse.
      let growth = measure();
      for (let tries = 4; growth >= 24 && tries > 0; tries -= 1) growth = Math.min(growth, measure());
      assert.ok(growth < 24, `${kind} of ${name} modules grew by ${growth.toFixed(1)}`);
    }
  }
  const plan = decide(world(many.new), { kind: "transaction-install", scope });
  assert.is(plan.steps.filter(({ step }) => step.kind === "build").length, 1200);
});

test("a hook's plan for 10,000 registered modules takes less than 5 seconds", () => {
  const two = ["6.1", "6.2"];
  const modules = Array.from({ length: 10_000 }, (_, index) => ({ module: `m${index}/1`, installed: two }));
  const large = world({ kernels: two.map((release) => ({ release })), modules });
  const scope = { releases: new Set(two), sourceDirectories: new Set<string>() };
  const began = processorMilliseconds();
  assert.equal(decide(large, { kind: "transaction-install", scope }).steps, []);
  assert.ok(processorMilliseconds() - began < 5000, `${processorMilliseconds() - began} ms`);
});

test.run();
