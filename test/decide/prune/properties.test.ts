/** Laws of pruning over generated machines. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planPrune } from "../../../src/decide/prune/prune.ts";
import { pairKey } from "../../../src/model/pair.ts";
import { findModule } from "../../../src/model/machine/lookup.ts";
import { findKernel, type World } from "../../../src/model/machine/world.ts";
import { found, leftovers } from "./leftovers-builder.ts";
import { world, type ModuleSpec } from "../world-builder.ts";

const releases = ["6.1", "6.2", "6.3"];

const kernels = fc.tuple(
  ...releases.map((release) =>
    fc.record({
      release: fc.constant(release),
      modules: fc.constantFrom("present", "leftover", "absent") as fc.Arbitrary<"present">,
      headers: fc.constantFrom("yes" as const, "no" as const),
    }),
  ),
);

const modules = fc
  .tuple(
    ...["zfs/2.1", "zfs/2.2", "wl/1"].map((module) =>
      fc.record({
        module: fc.constant(module),
        source: fc.constantFrom("present", "removed") as fc.Arbitrary<"present">,
        built: fc.subarray(releases),
        installed: fc.subarray(releases),
      }),
    ),
  )
  .map((specs) => specs.map((spec, index) => withoutRivals(spec, specs.slice(0, index))));

/** One version of a package is installed for a kernel at most, and no pair is both built and installed. */
function withoutRivals(spec: ModuleSpec, earlier: readonly ModuleSpec[]): ModuleSpec {
  const name = spec.module.split("/")[0];
  const rivals = earlier.filter(({ module }) => module.split("/")[0] === name);
  const taken = new Set(rivals.flatMap(({ installed }) => installed ?? []));
  const installed = (spec.installed ?? []).filter((release) => !taken.has(release));
  return { ...spec, installed, built: (spec.built ?? []).filter((release) => !installed.includes(release)) };
}

const machines = fc
  .record({ running: fc.constantFrom(...releases, "0"), kernels, modules })
  .map(({ running, kernels: list, modules: specs }) =>
    world({ running, kernels: list.filter(({ modules: state }) => state !== ("absent" as string)), modules: specs }),
  );

/** The world after the plan. */
function pruned(state: World, removed: ReadonlySet<string>, forgotten: ReadonlySet<string>): World {
  const left = state.modules.map((module) => ({
    ...module,
    pairs: module.pairs.filter(({ pair }) => !removed.has(pairKey(pair))),
  }));
  return { ...state, modules: left.filter(({ id }) => !forgotten.has(`${id.name}/${id.version}`)) };
}

function effects(state: World, force: boolean): { removed: Set<string>; forgotten: Set<string>; steps: number } {
  const { plan } = planPrune(state, leftovers(), { force });
  const removed = new Set<string>();
  const forgotten = new Set<string>();
  for (const { step } of plan.steps) {
    if (step.kind === "unbuild") removed.add(pairKey(step.pair));
    if (step.kind === "deregister") forgotten.add(`${step.module.name}/${step.module.version}`);
  }
  return { removed, forgotten, steps: plan.steps.filter(({ step }) => step.kind !== "tidy").length };
}

test("nothing is touched of what is wanted on a kernel that is there or never was, nor what the running one has, without --force", () => {
  fc.assert(
    fc.property(machines, fc.boolean(), (state, force) => {
      const { removed } = effects(state, force);
      for (const { pair, state: is } of state.modules.flatMap(({ pairs }) => pairs)) {
        const isHere = findKernel(state, pair.kernel).modules === "present";
        const isRunning = pair.kernel.release === state.running.release;
        const isWanted = findModule(state, pair.module)?.sourcePresent === true;
        const known = findKernel(state, pair.kernel);
        const wasHere = state.modules
          .flatMap(({ pairs }) => pairs)
          .some((one) => one.state === "installed" && one.pair.kernel.release === pair.kernel.release);
        const neverWas = !isHere && !wasHere && (known.modules === "absent" || known.headers !== undefined);
        if ((isHere && isWanted) || (neverWas && isWanted && !force) || (isRunning && is === "installed" && !force))
          assert.not(removed.has(pairKey(pair)));
      }
    }),
  );
});

test("pruning twice prunes nothing the second time, except what the first has made room for", () => {
  fc.assert(
    fc.property(machines, (state) => {
      const first = effects(state, true);
      const second = effects(pruned(state, first.removed, first.forgotten), true);
      assert.is(second.steps, 0);
    }),
  );
});

test("an object that a package owns, or may own, never goes", () => {
  const objects = fc.record({
    release: fc.constantFrom(...releases),
    name: fc.constantFrom("zfs", "wl", "other"),
    owner: fc.constantFrom("package" as const, "none" as const, "unknown" as const),
    loadable: fc.boolean(),
  });
  fc.assert(
    fc.property(machines, fc.array(objects), fc.boolean(), (state, list, force) => {
      const all = list.map(({ release, name, ...more }, index) => found(release, name, { ...more, path: `/${index}` }));
      const { deletions } = planPrune(state, leftovers({ objects: all }), { force });
      const owned = new Set(all.filter(({ owner }) => owner !== "none").map(({ path }) => path));
      assert.not(deletions.some((item) => item.kind === "object" && owned.has(item.path)));
    }),
  );
});

test.run();
