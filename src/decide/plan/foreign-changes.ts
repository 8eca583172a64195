/** Finds out what others have changed in the tree during a run: what was there before, and what the run has done, tell what should be there now. */
import type { ForeignChange, PairStage } from "../../model/run/foreign-change.ts";
import type { Outcome } from "../../model/run/outcome.ts";
import { pairKey, sameKernel, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Step } from "../../model/run/plan.ts";
import type { Module } from "../../model/machine/world.ts";

/** What is known of a pair; undefined: nothing, since a step of it has failed. */
interface Expectation {
  readonly pair: Pair;
  readonly stage: PairStage | undefined;
}

/** Pairs that are not as this run has left them, in the order in which they are found. */
export function foreignChanges(
  before: readonly Module[],
  outcomes: readonly Outcome[],
  after: readonly Module[],
): readonly ForeignChange[] {
  const expected = new Expectations(before);
  for (const { planned, ending } of outcomes) {
    if (ending.kind === "done") expected.follow(planned.step);
    else if (ending.kind !== "unchanged") expected.doubt(planned.step);
  }
  const found = stages(after);
  const keys = new Set([...expected.keys(), ...found.keys()]);
  return [...keys].flatMap((key): ForeignChange[] => {
    const { pair, stage } = expected.get(key) ?? { pair: found.get(key)?.pair, stage: "absent" };
    const now = found.get(key)?.stage ?? "absent";
    if (pair === undefined || stage === undefined || stage === now) return [];
    // An active link may have been there before its result was: building that made it count.
    if (stage === "built" && now === "installed") return [];
    return [{ pair, expected: stage, found: now }];
  });
}

class Expectations {
  readonly #pairs: Map<string, Expectation>;

  constructor(before: readonly Module[]) {
    this.#pairs = new Map(stages(before));
  }

  keys(): Iterable<string> {
    return this.#pairs.keys();
  }

  get(key: string): Expectation | undefined {
    return this.#pairs.get(key);
  }

  follow(step: Step): void {
    switch (step.kind) {
      case "build":
        // What is built anew while it is installed is installed again by a later step.
        this.#set(step.pair, this.#stage(step.pair) === "installed" ? undefined : "built");
        break;
      case "install":
        for (const { pair, stage } of this.#pairs.values()) {
          if (stage === "installed" && isRival(pair, step.pair)) this.#set(pair, "built");
        }
        this.#set(step.pair, "installed");
        break;
      case "uninstall":
        this.#set(step.pair, "built");
        break;
      case "unbuild":
        this.#set(step.pair, "absent");
        break;
      case "import":
      case "deregister":
        // What comes with a source, or goes with it, is told by no step.
        for (const { pair } of this.#pairs.values()) if (isModuleOf(pair)(step.module)) this.#set(pair, undefined);
        break;
      case "add":
      case "tidy":
      case "depmod":
        break;
    }
  }

  /** A step that has failed may have done the half of its work, or may have taken back that of others. */
  doubt(step: Step): void {
    if ("pair" in step) this.#set(step.pair, undefined);
    if (step.kind === "install")
      for (const { pair } of [...this.#pairs.values()]) if (isRival(pair, step.pair)) this.#set(pair, undefined);
    if (step.kind === "depmod") for (const pair of step.dependents) this.#set(pair, undefined);
  }

  #stage(pair: Pair): PairStage | undefined {
    const known = this.#pairs.get(pairKey(pair));
    return known === undefined ? "absent" : known.stage;
  }

  #set(pair: Pair, stage: PairStage | undefined): void {
    this.#pairs.set(pairKey(pair), { pair, stage });
  }
}

/** Another version of a pair's package, or the very pair: one of them is active. */
function isRival(pair: Pair, { module, kernel }: Pair): boolean {
  return pair.module.name === module.name && sameKernel(pair.kernel, kernel);
}

function isModuleOf({ module }: Pair): (id: ModuleId) => boolean {
  return (id) => sameModule(id, module);
}

function stages(modules: readonly Module[]): ReadonlyMap<string, { readonly pair: Pair; readonly stage: PairStage }> {
  const pairs = modules.flatMap((module) => module.pairs);
  return new Map(pairs.map(({ pair, state }) => [pairKey(pair), { pair, stage: state }]));
}
