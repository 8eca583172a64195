/** What doctor and prune decide takes a time that grows with the machine, and not with its square. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelFacts } from "../../src/decide/boot/facts.ts";
import { diagnose } from "../../src/decide/doctor/doctor.ts";
import { planPrune } from "../../src/decide/prune/prune.ts";
import type { ObservedKernel } from "../../src/model/boot/facts.ts";
import type { World } from "../../src/model/machine/world.ts";
import { growthOf } from "../processor-time.ts";
import { health, leftovers, record } from "./prune/leftovers-builder.ts";
import { kernel, world } from "./world-builder.ts";

/** A machine on which everything is installed, and one on which nothing is. */
function machine(modules: number, kernels: number, state: "installed" | "missing"): World {
  const releases = Array.from({ length: kernels }, (_, index) => `6.${index}`);
  const names = Array.from({ length: modules }, (_, index) => `m${index}/1`);
  return world({
    kernels: releases.map((release) => ({ release })),
    modules: names.map((module) => (state === "installed" ? { module, installed: releases } : { module })),
  });
}

function observed({ kernels }: World): readonly ObservedKernel[] {
  const start = { kind: "unknown", why: "not looked at" } as const;
  const names = { indexed: new Set<string>(), builtIn: new Set<string>() };
  const nothing = { objects: new Map(), additions: new Map(), ...names };
  return kernels.map(({ release }) => ({ kernel: kernel(release), pkgbase: "linux", ...nothing, start }));
}

const works: Readonly<Record<string, (state: World) => unknown>> = {
  "facts of the next boot": (state) => kernelFacts(state, observed(state), []),
  "what prune would do": (state) => {
    const pairs = state.modules.flatMap(({ id }) => state.kernels.map(({ release }) => [id.name, release] as const));
    const stamps = pairs.map(([name, release]) => record(`/stamps/${name}/${release}`, `${name}/1`, release));
    return planPrune(state, leftovers({ stamps, logs: stamps }), { force: false });
  },
  "what doctor finds": (state) => diagnose(health(state)),
};
for (const [what, work] of Object.entries(works)) {
  for (const state of ["installed", "missing"] as const) {
    for (const [direction, few, many] of [
      ["modules", machine(25, 10, state), machine(200, 10, state)],
      ["kernels", machine(10, 25, state), machine(10, 200, state)],
    ] as const) {
      test(`${what}, everything ${state}: eight times the ${direction} take eight times as long, not sixty-four`, () => {
        const measure = (): number =>
          growthOf(
            () => work({ ...few, modules: [...few.modules], kernels: [...few.kernels] }),
            () => work({ ...many, modules: [...many.modules], kernels: [...many.kernels] }),
          );
        // Other work of the machine can only make it look worse.
        let growth = measure();
        for (let tries = 4; growth >= 24 && tries > 0; tries -= 1) growth = Math.min(growth, measure());
        assert.ok(growth < 24, `it grew by ${growth.toFixed(1)}`);
      });
    }
  }
}

test.run();
