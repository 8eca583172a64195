/** The planner's guarantees about what goes and what stays, over generated worlds. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelText, moduleText, pairKey } from "../../../src/model/pair.ts";
import { findModule, findPair } from "../../../src/model/machine/lookup.ts";
import { findKernel, type World } from "../../../src/model/machine/world.ts";
import { kernels, observed, situations } from "../generated-worlds.ts";
import {
  hasRivalSource,
  hasSource,
  hooks,
  isHere,
  pairsOf,
  requestOf,
  runHook,
  runs,
  start,
  stepsOf,
} from "../laws.ts";

const choices = fc.array(fc.nat(20), { maxLength: 40 });

test("1: only a pair goes whose kernel was removed, or whose source was and somebody has named it or taken its place", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      const { world } = situation;
      const request = requestOf(situation, kind);
      const { plan, after } = runHook(start(situation), request);
      const named = new Set(
        world.modules
          .filter(
            ({ source }) =>
              kind === "transaction-remove" && request.scope.sourceDirectories.has(source.split("/").at(-1) ?? ""),
          )
          .filter((module) => !hasSource(world, module))
          .map(({ id }) => id.name),
      );
      for (const { pair } of stepsOf(plan, "unbuild")) {
        if (!isHere(world, pair)) continue;
        const module = findModule(world, pair.module);
        assert.ok(module !== undefined && !lookedAt(world, request, module), `${pairKey(pair)} has a source`);
        const successor = world.modules.some(
          ({ id }) =>
            id.name === pair.module.name &&
            id !== module.id &&
            findPair(after.world, { ...pair, module: id })?.state === "installed",
        );
        assert.ok(
          successor || named.has(pair.module.name) || world.pending.has(pairKey(pair)),
          `${pairKey(pair)} stays`,
        );
        assert.ok(successor || !hasRivalSource(world, pair), `${pairKey(pair)} is awaited`);
      }
    }),
    runs,
  );

  function lookedAt(world: World, request: Parameters<typeof observed>[1], module: World["modules"][number]): boolean {
    return hasSource(observed(world, request), module);
  }
});

test("2: an object that is there before a transaction and after it is there all the time, in whatever order steps come and builds fail", () => {
  const failing = fc.array(
    fc.tuple(fc.constantFrom("a/1", "a/2", "b/1", "b/2", "c/1", "c/2"), fc.constantFrom(...kernels)),
  );
  fc.assert(
    fc.property(situations(), failing, choices, (situation, failures, order) => {
      const before = start(situation);
      const fate = {
        choices: order,
        failing: new Set(failures.map(([module, kernel]) => `${module}/${kernelText(kernel)}`)),
      };
      const first = runHook(before, requestOf(situation, "transaction-install"), fate);
      const second = runHook(first.after, requestOf(situation, "transaction-remove"), fate);
      const moments = [...first.moments, ...second.moments];
      for (const [key, files] of before.files) {
        for (const file of files.keys()) {
          if (second.after.files.get(key)?.has(file) !== true) continue;
          assert.ok(
            moments.every((moment) => moment.files.get(key)?.has(file)),
            `${file} of ${key} was away`,
          );
        }
      }
    }),
    runs,
  );
});

test("2: where the new version is in place nothing is left of old ones whose source was removed, whichever run installed it", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      const { plan, after } = runHook(start(situation), requestOf(situation, kind));
      for (const { pair } of stepsOf(plan, "install")) {
        for (const module of after.world.modules) {
          if (module.id.name !== pair.module.name || module.sourcePresent) continue;
          assert.is(findPair(after.world, { ...pair, module: module.id }), undefined);
        }
      }
      for (const { id, pairs, sourcePresent } of after.world.modules) {
        const lost = findModule(situation.world, id)?.pairs.length ?? 0;
        assert.ok(
          sourcePresent || pairs.length > 0 || lost === 0,
          `${moduleText(id)} is forgotten with its last result`,
        );
      }
    }),
    runs,
  );
});

test("3: pairs that are installed for a removed kernel go with every run, whatever its targets", () => {
  fc.assert(
    fc.property(situations(), hooks, (situation, kind) => {
      const scope = { releases: new Set<string>(), sourceDirectories: new Set<string>() };
      const { after } = runHook(start(situation), { kind, scope });
      for (const [key, state] of pairsOf(after.world)) {
        const [, , release = ""] = key.split("/");
        const kernel = kernels.find((known) => known.release === release);
        assert.ok(kernel !== undefined);
        if (state === "installed") assert.is(findKernel(situation.world, kernel).modules, "present");
      }
    }),
    runs,
  );
});

test("7: with a removed kernel goes its directory, if nothing of strangers is in it", () => {
  fc.assert(
    fc.property(situations(), (situation) => {
      const { after } = runHook(start(situation), requestOf(situation, "transaction-remove"));
      for (const kernel of after.world.kernels) {
        if (kernel.modules !== "leftover" || !situation.remove.releases.has(kernel.release)) continue;
        assert.ok(kernel.headers !== undefined, `the directory of ${kernel.release} is still there`);
      }
      for (const [key, files] of after.files) {
        const isRemoved = !kernels.some(
          (kernel) => kernelText(kernel) === key && findKernel(situation.world, kernel).modules === "present",
        );
        assert.ok(!isRemoved || files.size === 0, `${key} still holds objects`);
      }
    }),
    runs,
  );
});

test.run();
