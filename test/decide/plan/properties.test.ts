/** The planner's guarantees over generated worlds. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelText, moduleText, pairKey, type Pair } from "../../../src/model/pair.ts";
import { stepPair, type Step } from "../../../src/model/run/plan.ts";
import { findPair } from "../../../src/model/machine/lookup.ts";
import { findKernel, type World } from "../../../src/model/machine/world.ts";
import { observed, situations } from "../generated-worlds.ts";
import {
  hooks,
  isInPlace,
  isTold,
  planOn,
  requestOf,
  runHook,
  runs,
  start,
  stepsOf,
  wantedPairs,
  work,
} from "../laws.ts";

const choices = fc.array(fc.nat(20), { maxLength: 40 });

test("1: what a plan has brought about needs no plan, whichever hook it was", () => {
  fc.assert(
    fc.property(situations(), hooks, choices, (situation, kind, order) => {
      const request = requestOf(situation, kind);
      const { after } = runHook(start(situation), request, { choices: order });
      assert.equal(work(planOn(after, request)), []);
      assert.equal([...after.world.pending], []);
    }),
    runs,
  );
});

test("1: every wanted pair in scope is installed and current afterwards, or it is told why not", () => {
  fc.assert(
    fc.property(situations(), (situation) => {
      const request = requestOf(situation, "transaction-install");
      const { plan, after } = runHook(start(situation), request);
      for (const pair of wantedPairs(situation.world, situation.install)) {
        assert.ok(isInPlace(after.world, pair) || isTold(plan, pair), `${pairKey(pair)} is neither there nor told`);
      }
    }),
    runs,
  );
});

test("1: nothing is planned for a kernel without headers, nor for one that no package owns and that has nothing of the package", () => {
  fc.assert(
    fc.property(situations("calm"), hooks, (situation, kind) => {
      const { world } = situation;
      const plan = planOn(start(situation), requestOf(situation, kind));
      for (const { pair } of stepsOf(plan, "build")) {
        const { headers, pkgbase } = findKernel(world, pair.kernel);
        assert.ok(headers !== undefined);
        const versions = world.modules.filter(({ id }) => id.name === pair.module.name);
        const holdsIt = versions.some(({ id }) => findPair(world, { ...pair, module: id })?.state === "installed");
        assert.ok(pkgbase !== undefined || world.kernelChoice === "all" || holdsIt, `${pairKey(pair)} is not wanted`);
      }
    }),
    runs,
  );
});

test("4: a pair is added, built, installed and removed once at most, and depmod runs once for every kernel that changes", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      const plan = planOn(start(situation), requestOf(situation, kind));
      const texts = plan.steps.map(({ step }) => JSON.stringify([step.kind, subject(step)]));
      assert.is(new Set(texts).size, texts.length);
      const changed = plan.steps.flatMap(({ step }) =>
        step.kind === "install" || step.kind === "uninstall" ? [kernelText(step.pair.kernel)] : [],
      );
      const indexed = new Set(stepsOf(plan, "depmod").map(({ kernel }) => kernelText(kernel)));
      const here = new Set(situation.world.kernels.filter(({ modules }) => modules === "present").map(kernelText));
      for (const kernel of changed) assert.is(indexed.has(kernel), here.has(kernel));
      const { after } = runHook(start(situation), requestOf(situation, kind));
      assert.equal([...after.stale], []);
    }),
    runs,
  );

  function subject(step: Step): string {
    const pair = stepPair(step);
    if (pair !== undefined) return pairKey(pair);
    return "kernel" in step ? kernelText(step.kernel) : "module" in step ? moduleText(step.module) : "";
  }
});

test("5: what a build depends on is installed in a step that it needs, or already; a circle names its members; steps wait for earlier ones only", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      const { world } = situation;
      const plan = planOn(start(situation), requestOf(situation, kind));
      for (const [at, { step, needs, after }] of plan.steps.entries()) {
        assert.ok([...needs, ...after].every((other) => other < at));
        if (step.kind !== "build") continue;
        for (const name of dependencies(world, step.pair)) {
          const installs = plan.steps.flatMap(({ step: other }, position) =>
            other.kind === "install" &&
            other.pair.module.name === name &&
            kernelText(other.pair.kernel) === kernelText(step.pair.kernel)
              ? [position]
              : [],
          );
          assert.ok(
            installs.every((position) => needs.includes(position)),
            `${pairKey(step.pair)} does not wait for ${name}`,
          );
        }
      }
      for (const { error } of plan.findings) {
        if (error.code !== "dependency-circle") continue;
        const members = error.message.split(": ")[1]?.replace(/\.$/, "").split(" -> ") ?? [];
        assert.ok(members.length > 1 && members[0] === members.at(-1));
      }
    }),
    runs,
  );

  function dependencies(world: World, pair: Pair): readonly string[] {
    const conf = world.confs.get(pairKey(pair));
    return conf?.kind === "valid" ? conf.directives.buildDepends : [];
  }
});

test("5: what asks to be rebuilt with its dependencies is never left with an older version of one that the plan has installed", () => {
  fc.assert(
    fc.property(situations(), (situation) => {
      const { plan, after } = runHook(start(situation), requestOf(situation, "transaction-install"));
      const known = observed(situation.world, requestOf(situation, "transaction-install")).confs;
      for (const { pair: dependency } of stepsOf(plan, "install")) {
        for (const { pair, state, builtWith } of after.world.modules.flatMap(({ pairs }) => pairs)) {
          const conf = known.get(pairKey(pair));
          if (state !== "installed" || conf?.kind !== "valid" || conf.directives.rebuild === "no") continue;
          if (kernelText(pair.kernel) !== kernelText(dependency.kernel)) continue;
          if (!conf.directives.buildDepends.includes(dependency.module.name)) continue;
          // Where another version is wanted in its place and cannot be had, that is told, and this one stays as it is.
          const versions = situation.world.modules.filter(({ id }) => id.name === pair.module.name);
          if (versions.some(({ id }) => isTold(plan, { ...pair, module: id }))) continue;
          assert.is(builtWith.get(dependency.module.name), dependency.module.version);
        }
      }
    }),
    runs,
  );
});

test("6: kernels that have just arrived come first, then the running one, then those of packages; the running one's pairs stay while it has modules", () => {
  fc.assert(
    fc.property(situations("calm"), (situation) => {
      const { world, install } = situation;
      const plan = planOn(start(situation), requestOf(situation, "transaction-install"));
      const ranks = stepsOf(plan, "build").map(({ pair: { kernel } }) => {
        if (install.releases.has(kernel.release)) return 0;
        if (kernel.release === world.running.release) return 1;
        return findKernel(world, kernel).pkgbase === undefined ? 3 : 2;
      });
      assert.equal(ranks, ranks.toSorted());
      if (findKernel(world, world.running).modules !== "present") return;
      for (const { pair } of stepsOf(plan, "uninstall")) assert.is.not(pair.kernel.release, world.running.release);
    }),
    runs,
  );
});

test("8: a source is known by its directory's name, whatever the module is called: one that is only called alike is no reason for anything", () => {
  fc.assert(
    fc.property(situations("calm"), hooks, (situation, kind) => {
      const directories = new Set(situation.world.modules.map(({ source }) => source.split("/").at(-1) ?? ""));
      const alike = new Set(["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"].filter((name) => !directories.has(name)));
      const named = { kind, scope: { releases: new Set<string>(), sourceDirectories: alike } };
      const nothing = { kind, scope: { releases: new Set<string>(), sourceDirectories: new Set<string>() } };
      assert.equal(planOn(start(situation), named), planOn(start(situation), nothing));
    }),
    runs,
  );
});

test("every step says why, in words, and says it of what there is", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      for (const { reason } of planOn(start(situation), requestOf(situation, kind)).steps) {
        assert.match(reason, /^[a-zA-Z0-9/. -]+$/);
        assert.ok(reason.split(" ").length >= 3, reason);
      }
    }),
    runs,
  );
});

test.run();
