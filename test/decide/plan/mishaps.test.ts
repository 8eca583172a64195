/** What plans guarantee when builds fail and runs are killed. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelText, moduleText, pairKey, type Pair } from "../../../src/model/pair.ts";
import { stepPair } from "../../../src/model/run/plan.ts";
import { findPair } from "../../../src/model/machine/lookup.ts";
import type { World } from "../../../src/model/machine/world.ts";
import { kernels, situations } from "../generated-worlds.ts";
import {
  hasSource,
  hooks,
  isHere,
  isInPlace,
  isTold,
  noScope,
  pairsOf,
  planOn,
  requestOf,
  runHook,
  runs,
  start,
  stepsOf,
  wantedPairs,
  work,
} from "../laws.ts";
import { withPending, type Machine } from "../simulate.ts";

const modules = ["a/1", "a/2", "b/1", "b/2", "c/1", "c/2"];
/** Keys of pairs that do not build. */
const failures = fc
  .array(fc.tuple(fc.constantFrom(...modules), fc.constantFrom(...kernels)), { maxLength: 6 })
  .map((pairs) => new Set(pairs.map(([module, kernel]) => `${module}/${kernelText(kernel)}`)));
const choices = fc.array(fc.nat(20), { maxLength: 40 });

test("5: what depends on a failed build is not attempted; everything else is done", () => {
  fc.assert(
    fc.property(situations("calm"), failures, (situation, failing) => {
      const { plan, endings } = runHook(start(situation), requestOf(situation, "transaction-install"), { failing });
      for (const [at, { step, needs }] of plan.steps.entries()) {
        const isHeldUp = needs.some((other) => endings[other] !== "done");
        const pair = stepPair(step);
        const fails = step.kind === "build" && pair !== undefined && failing.has(pairKey(pair));
        assert.is(endings[at], isHeldUp ? "not-attempted" : fails ? "failed" : "done");
        if (step.kind !== "build" || endings[at] !== "not-attempted") continue;
        const culprits = needs.flatMap((other) => stepPair(plan.steps[other]?.step ?? step) ?? []);
        assert.ok(
          culprits.some((culprit) => pairKey(culprit) !== pairKey(step.pair)),
          "another pair is to blame",
        );
      }
    }),
    runs,
  );
});

test("2: where a new version fails the old one stays, installed as it was, over the whole transaction", () => {
  fc.assert(
    fc.property(situations("calm"), failures, choices, (situation, failing, order) => {
      const { world } = situation;
      const before = start(situation);
      const first = runHook(before, requestOf(situation, "transaction-install"), { failing, choices: order });
      const second = runHook(first.after, requestOf(situation, "transaction-remove"), { failing, choices: order });
      for (const { pair, state } of world.modules.flatMap(({ pairs }) => pairs)) {
        const versions = world.modules.filter(({ id }) => id.name === pair.module.name);
        if (state !== "installed" || !isHere(world, pair) || !versions.some((other) => hasSource(world, other)))
          continue;
        const successor = versions.some(({ id }) => isInstalled(second.after, { ...pair, module: id }));
        assert.ok(successor, `${moduleText(pair.module)} is lost for ${pair.kernel.release}`);
        const isReplaced = versions.some(
          ({ id }) => id !== pair.module && isInstalled(second.after, { ...pair, module: id }),
        );
        if (!isReplaced) assert.equal(filesOf(second.after, pair), filesOf(before, pair));
      }
    }),
    runs,
  );

  function isInstalled({ world }: Machine, pair: Pair): boolean {
    return findPair(world, pair)?.state === "installed";
  }

  function filesOf({ files }: Machine, { module, kernel }: Pair): readonly string[] {
    const owners = [...(files.get(kernelText(kernel)) ?? [])];
    return owners
      .filter(([, owner]) => owner === moduleText(module))
      .map(([file]) => file)
      .toSorted();
  }
});

test("1: once nothing fails any more the same transaction, and what had failed, lead to where it would have led at first, and then to no plan", () => {
  fc.assert(
    fc.property(situations("calm"), hooks, failures, (situation, kind, failing) => {
      const request = requestOf(situation, kind);
      const smooth = runHook(start(situation), request).after;
      const failed = runHook(start(situation), request, { failing });
      // What the transaction does not name itself, but brings because of what it names, is not tried again because of that.
      const again = failed.plan.steps.flatMap(({ step }, at) =>
        failed.endings[at] === "done" ? [] : (stepPair(step) ?? []),
      );
      const fixed = runHook(withPending(failed.after, again.map(pairKey)), request).after;
      assert.equal(endOf(fixed), endOf(smooth));
      assert.equal(work(planOn(fixed, request)), []);
    }),
    runs,
  );
});

test("3: a run that was killed anywhere is completed by the next hook, whichever it is and whatever its targets", () => {
  fc.assert(
    fc.property(situations("calm"), fc.tuple(hooks, hooks), fc.nat(20), choices, (situation, [kind, next], ...fate) => {
      const [killedAfter, order] = fate;
      const request = requestOf(situation, kind);
      const smooth = runHook(start(situation), request).after;
      const killed = runHook(start(situation), request, { killedAfter, choices: order }).after;
      const targets =
        kind === "transaction-install"
          ? { install: request.scope, remove: noScope }
          : { install: noScope, remove: request.scope };
      const completed = runHook(killed, { kind: next, scope: noScope }, {}, targets).after;
      assert.equal(endOf(completed), endOf(smooth));
      assert.equal([...completed.stale], []);
      assert.equal([...completed.world.pending], []);
    }),
    runs,
  );
});

test("3: a pair of the journal that is in place is installed again, without a build, and then left alone", () => {
  fc.assert(
    fc.property(situations("calm"), hooks, fc.nat(20), (situation, next, choice) => {
      const inPlace = situation.world.modules
        .flatMap(({ pairs }) => pairs.map(({ pair }) => pair))
        .filter((pair) => isInPlace(situation.world, pair) && asksForNoRebuild(situation.world, pair));
      const pair = inPlace[choice % Math.max(1, inPlace.length)];
      fc.pre(pair !== undefined);
      const machine = withPending(start(situation), [pairKey(pair)]);
      fc.pre(wantedPairs(machine.world, noScope).some((wanted) => pairKey(wanted) === pairKey(pair)));
      const { plan } = runHook(machine, { kind: "transaction-install", scope: noScope });
      // It may be in a circle.
      fc.pre(!isTold(plan, pair));
      assert.equal(
        stepsOf(plan, "install")
          .map((step) => pairKey(step.pair))
          .filter((key) => key === pairKey(pair)),
        [pairKey(pair)],
      );
      assert.not(stepsOf(plan, "build").some((step) => pairKey(step.pair) === pairKey(pair)));
      const { after } = runHook(machine, { kind: next, scope: noScope });
      assert.ok(isInPlace(after.world, pair));
      assert.equal([...after.world.pending], []);
      assert.equal(work(planOn(after, { kind: "transaction-install", scope: noScope })), []);
    }),
    runs,
  );

  function asksForNoRebuild({ confs }: World, pair: Pair): boolean {
    const conf = confs.get(pairKey(pair));
    return conf?.kind === "valid" && conf.exclusions.pair.length === 0 && conf.directives.rebuild === "no";
  }
});

/**
 * Everything that can be seen of a machine in the end, except whether a directory that has lost its dkms.conf and yields nothing is still registered:
 * that is noticed when something names it.
 */
function endOf({ world, files }: Machine): unknown {
  return {
    pairs: [...pairsOf(world)],
    modules: world.modules
      .filter((module) => hasSource(world, module) || !module.sourcePresent)
      .map(({ id, registration }) => [moduleText(id), registration])
      .toSorted(),
    kernels: world.kernels.map(kernelText),
    files: [...files]
      .map(([kernel, owners]) => [kernel, [...owners].toSorted()] as const)
      .filter(([, owners]) => owners.length > 0)
      .toSorted(),
  };
}

test.run();
