/** A plan in the making: steps are appended, and later ones refer to earlier ones by position. */
import type { DkmsError } from "../../model/errors.ts";
import { kernelText, moduleText, pairKey, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Finding, Plan, PlannedStep, Step } from "../../model/run/plan.ts";
import type { Module, PairState, World } from "../../model/machine/world.ts";
import type { WorldIndex } from "./world-index.ts";

/** How a module is registered, and why. */
export interface Registering {
  readonly force: boolean;
  readonly postAdd: "matters" | "ignored";
  readonly reason: string;
}

/** A kernel whose index has to be made anew, and the steps that it has to wait for. */
interface Touched {
  readonly kernel: KernelId;
  readonly steps: number[];
}

/** Collects the steps and findings of one plan. */
export class Draft {
  readonly #steps: PlannedStep[] = [];
  readonly #findings: Finding[] = [];
  readonly #adds = new Map<string, number>();
  readonly #builds = new Map<string, number[]>();
  readonly #installs = new Map<string, number>();
  readonly #claims = new Map<string, number>();
  readonly #removals = new Map<string, number>();
  readonly #replacements = new Map<string, number>();
  readonly #forgotten = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #touched = new Map<string, Touched>();

  /** Appends a step and returns its position. */
  step(step: Step, reason: string, needs: readonly number[] = [], after: readonly number[] = []): number {
    this.#steps.push({ step, reason, needs: [...needs], after: [...after] });
    const position = this.#steps.length - 1;
    switch (step.kind) {
      case "install":
        this.#installs.set(pairKey(step.pair), position);
        for (const module of step.replaces) this.#replacements.set(pairKey({ ...step.pair, module }), position);
        this.touch(step.pair.kernel).steps.push(position);
        break;
      case "uninstall":
        this.touch(step.pair.kernel).steps.push(position);
        break;
      case "unbuild":
        this.#removals.set(pairKey(step.pair), position);
        break;
      case "deregister":
        this.#forgotten.add(moduleText(step.module));
        break;
      case "tidy":
        this.giveUp(step.kernel);
        break;
      case "build": {
        const key = kernelText(step.pair.kernel);
        this.#builds.set(key, [...(this.#builds.get(key) ?? []), position]);
        break;
      }
      case "import":
      case "add":
      case "depmod":
        break;
    }
    return position;
  }

  /** Appends the registration of a module, once however many pairs need it. */
  add({ id, source, importTo }: Module, how: Registering): number {
    const known = this.#adds.get(moduleText(id));
    if (known !== undefined) return known;
    const needs: number[] = [];
    if (importTo !== undefined) {
      const existing = how.force ? "replace" : "merge";
      const step: Step = { kind: "import", module: id, from: source, to: importTo, existing };
      needs.push(this.step(step, "its source lies elsewhere"));
    }
    const add: Step = { kind: "add", module: id, source: importTo ?? source, postAdd: how.postAdd };
    const position = this.step(add, how.reason, needs);
    this.#adds.set(moduleText(id), position);
    return position;
  }

  /**
   * Appends what removes a pair, installed or only built, and returns the position of its last step. What is built for the kernel in this plan may
   * be built with it, so that comes first, and so does what takes its place.
   */
  remove({ pair, state }: PairState, reason: string): number {
    const replacement = this.#replacements.get(pairKey(pair));
    const after = [
      ...(this.#builds.get(kernelText(pair.kernel)) ?? []),
      ...(replacement === undefined ? [] : [replacement]),
    ];
    const uninstall = state === "installed" ? [this.step({ kind: "uninstall", pair }, reason, [], after)] : [];
    return this.step({ kind: "unbuild", pair }, reason, uninstall);
  }

  /** Has the index of a kernel made anew at the end of the plan, whether or not a step changes its modules. */
  touch({ release, arch }: KernelId): Touched {
    const key = kernelText({ release, arch });
    const touched = this.#touched.get(key) ?? { kernel: { release, arch }, steps: [] };
    this.#touched.set(key, touched);
    return touched;
  }

  /** No index is made for a removed kernel: what depmod wrote there is removed with it. */
  giveUp(kernel: KernelId): void {
    this.#removed.add(kernelText(kernel));
  }

  /** The position of the step that installs a pair in this plan, if there is one. */
  installOf(pair: Pair): number | undefined {
    return this.#installs.get(pairKey(pair));
  }

  /** The last steps so far that install objects of these names for a kernel. */
  claimants(kernel: KernelId, objects: readonly string[]): readonly number[] {
    return [...new Set(objects.flatMap((name) => this.#claims.get(`${kernelText(kernel)} ${name}`) ?? []))];
  }

  /** Notes which objects a step installs. */
  claim(kernel: KernelId, objects: readonly string[], position: number): void {
    for (const name of objects) this.#claims.set(`${kernelText(kernel)} ${name}`, position);
  }

  /** The position of the step that deletes the result of a pair in this plan, if there is one. */
  removalOf(pair: Pair): number | undefined {
    return this.#removals.get(pairKey(pair));
  }

  /** Whether a step of this plan takes the module out of the tree. */
  forgets(module: ModuleId): boolean {
    return this.#forgotten.has(moduleText(module));
  }

  /** What was noted so far. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Notes something that needs no step. */
  find(kind: Finding["kind"], error: DkmsError, pair?: Pair): void {
    this.#findings.push(pair === undefined ? { kind, error } : { kind, error, pair });
  }

  /**
   * The finished plan: one depmod at the end for every kernel whose objects change, or have changed in a run that did not come to its end. Where it fails,
   * what a command has installed is withdrawn, as with the reference; what a hook has installed is kept: boot images are made from it, with an index of their own.
   */
  finish(afterFailedIndex: "kept" | "withdrawn" = "kept"): Plan {
    for (const [key, { kernel, steps }] of this.#touched) {
      if (this.#removed.has(key)) continue;
      const installed = steps.flatMap((position) => {
        const step = this.#steps[position]?.step;
        return step?.kind === "install" ? [step.pair] : [];
      });
      const loading = installed.length > 0 ? "wanted" : "no";
      const dependents = afterFailedIndex === "withdrawn" ? installed : [];
      const reason = steps.length > 0 ? "its modules have changed" : "an earlier run did not come to its end";
      this.step({ kind: "depmod", kernel, loading, dependents }, reason, [], steps);
    }
    return { steps: this.#steps, findings: this.#findings };
  }
}

/** The pairs of the journal; its keys were checked when it was read. */
export function unfinishedPairs({ pending }: Pick<World, "pending">): readonly Pair[] {
  return [...pending].map((key) => {
    const [name = "", version = "", release = "", arch = ""] = key.split("/");
    return { module: { name, version } as ModuleId, kernel: { release, arch } as KernelId };
  });
}

/** The index of a kernel may lag behind its modules when a run was killed, though nothing else is left to do. */
export function reindexUnfinished(index: WorldIndex, draft: Draft): void {
  for (const { kernel } of unfinishedPairs(index.world)) {
    if (index.kernel(kernel).modules === "present") draft.touch(kernel);
  }
}
