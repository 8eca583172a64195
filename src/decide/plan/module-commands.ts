/** Plans for what a command line asks of one module. */
import { DkmsError } from "../../model/errors.ts";
import { chosenKernels } from "../../model/run/interest.ts";
import { damageWords } from "../../model/machine/damage.ts";
import {
  kernelText,
  moduleText,
  pairWords,
  sameKernel,
  sameModule,
  type KernelId,
  type Pair,
} from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Request } from "../../model/run/request.ts";
import type { Supply } from "../../model/packaging/supply.ts";
import { findModule } from "../../model/machine/lookup.ts";
import type { Module, World } from "../../model/machine/world.ts";
import { Draft } from "./draft.ts";
import { orderOf } from "./kernel-work.ts";
import { outdatedDependents, withConsequences, type Need } from "./needs.ts";
import { broken, sourceObstacle } from "./obstacles.ts";
import { bringPair, type Goal } from "./pair-steps.ts";
import { forgetEmptied } from "./successors.ts";
import { supplied } from "./supplied.ts";
import { WorldIndex } from "./world-index.ts";

type ModuleRequest = Extract<Request, { module: unknown }>;

/** The plan for add, build, install, uninstall, unbuild or remove. */
export function planCommand(world: World, request: ModuleRequest): Plan {
  const draft = new Draft();
  switch (request.kind) {
    case "add":
      planAdd(world, draft, request);
      break;
    case "build":
    case "install":
      planBuild(world, draft, request);
      break;
    case "uninstall":
    case "unbuild":
    case "remove":
      planRemoval(world, draft, request);
      break;
  }
  return draft.finish("withdrawn");
}

function planAdd(world: World, draft: Draft, request: Extract<ModuleRequest, { kind: "add" }>): void {
  const module = findModule(world, request.module);
  if (module?.registration === "added") {
    draft.find("refusal", alreadyAdded(module, "See what is there: dkms status"));
    return;
  }
  const obstacle = sourceObstacle(world, { module: request.module, kernel: world.running }, module);
  if (obstacle !== undefined) draft.find("refusal", obstacle);
  else if (module !== undefined) draft.add(module, { force: request.force, postAdd: "matters", reason: "asked for" });
}

function alreadyAdded(module: Module, hint: string): DkmsError {
  const text = moduleText(module.id);
  return new DkmsError("module-already-added", `${text} is added already.`, {
    module: text,
    path: module.source,
    hint,
  });
}

function planBuild(world: World, draft: Draft, request: Extract<ModuleRequest, { kind: "build" | "install" }>): void {
  const module = findModule(world, request.module);
  if (module?.registration === "broken" && !module.sourcePresent) {
    draft.find("refusal", broken(module));
    return;
  }
  if (request.directory !== undefined && module?.registration === "added") {
    draft.find("refusal", alreadyAdded(module, `Name it instead: dkms ${request.kind} ${moduleText(module.id)}`));
    return;
  }
  const index = new WorldIndex(world);
  for (const kernel of kernelsOnce(world, request)) {
    const pair: Pair = { module: request.module, kernel };
    const found = index.pair(pair);
    const there = found?.state;
    const state = request.kind === "build" ? "built" : "installed";
    const isInstalled = there === "installed" && request.progress === undefined && found?.damage === undefined;
    const isThere = state === "built" ? there !== undefined : isInstalled;
    if (!request.force && isThere) {
      draft.find("skip", alreadyThere(pair, state), pair);
      continue;
    }
    if (!request.force && module?.emptyResults.some((each) => sameKernel(each, kernel)) === true) {
      draft.find("refusal", emptyResult(pair), pair);
      continue;
    }
    const supply = index.supply(request.module.name, kernel);
    if (state === "installed" && !request.force && supply !== undefined) {
      draft.find(
        sameModule(supply.pair.module, request.module) ? "skip" : "refusal",
        suppliedAlready(pair, supply),
        pair,
      );
      continue;
    }
    const isLost = found?.damage?.part === "result";
    // Killed between a build and the note of its inputs: what is there may be anything.
    const isUnfinished = request.progress !== undefined && found?.freshness === "changed";
    const isForced = request.kind === "build" && request.force;
    const build = isLost || isUnfinished || isForced ? "always" : "when-missing";
    const { force } = request;
    const reason = found?.damage === undefined ? "asked for" : damageWords(found.damage);
    const goal: Goal = { state, force, build, unknownDependency: "refused", yields: false, reason };
    const brought = bringPair(index, draft, pair, goal);
    if (brought === undefined) registerRefused(world, draft, pair, { force });
    else if (state === "installed") bringOutdated(index, draft, pair);
  }
  forgetEmptied(index, draft);
}

/** A module that cannot be built for this kernel is registered all the same, as the reference does: it may be built for another one later. */
function registerRefused(world: World, draft: Draft, pair: Pair, { force }: { readonly force: boolean }): void {
  const module = findModule(world, pair.module);
  if (module === undefined || module.registration === "added" || sourceObstacle(world, pair, module) !== undefined)
    return;
  draft.add(module, { force, postAdd: "ignored", reason: "its source is there and it is not registered" });
}

/** Modules that were built with another version of what is installed now, and ask to be rebuilt with it. */
function bringOutdated(index: WorldIndex, draft: Draft, { module: id, kernel }: Pair): void {
  const module = index.module(id);
  if (module === undefined) return;
  const need: Need = { module, reason: "asked for", build: "when-missing", cause: "itself" };
  const there = index.kernel(kernel);
  const needs = withConsequences(index, there, new Map([[id.name, need]]), [outdatedDependents]);
  for (const name of orderOf(index, kernel, needs).order) {
    const other = needs.get(name);
    if (other === undefined || other === need) continue;
    const { reason, build } = other;
    const goal: Goal = { state: "installed", force: false, build, unknownDependency: "refused", yields: true, reason };
    bringPair(index, draft, { module: other.module.id, kernel }, goal);
  }
}

function emptyResult(pair: Pair): DkmsError {
  return new DkmsError("result-empty", `${pairWords(pair)} has a directory in the dkms tree that holds no result.`, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
    hint: "--force builds it anyway and puts the result there.",
  });
}

/** The kernels that were chosen, each once however often it was named. */
function kernelsOnce(world: World, request: Extract<ModuleRequest, { kernels: unknown }>): readonly KernelId[] {
  const kernels = chosenKernels(world, request).map(({ release, arch }) => ({ release, arch }));
  return [...new Map(kernels.map((kernel) => [kernelText(kernel), kernel])).values()];
}

function alreadyThere(pair: Pair, state: "built" | "installed"): DkmsError {
  return new DkmsError("already-there", `${pairWords(pair)} is ${state} already.`, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
    hint: "--force does it again.",
  });
}

/** A person who asks for another version than the package's gets no for an answer, and the way to it. */
function suppliedAlready(pair: Pair, supply: Supply): DkmsError {
  const error = supplied(pair, supply);
  if (sameModule(pair.module, supply.pair.module)) return error;
  return new DkmsError("install-refused", error.message, error.facts);
}

type Removal = Extract<ModuleRequest, { kind: "uninstall" | "unbuild" | "remove" }>;

function planRemoval(world: World, draft: Draft, request: Removal): void {
  const module = findModule(world, request.module);
  const text = moduleText(request.module);
  if (module === undefined || (module.registration === "none" && module.pairs.length === 0)) {
    draft.find(
      "refusal",
      new DkmsError("module-not-added", `${text} is not in the dkms tree.`, {
        module: text,
        hint: "See what is: dkms status",
      }),
    );
    return;
  }
  if (module.registration === "broken") {
    draft.find("refusal", broken(module));
    return;
  }
  const index = new WorldIndex(world);
  const kernels = kernelsOnce(world, request);
  const steps = kernels.flatMap((kernel) => planPairRemoval(index, draft, { module: module.id, kernel }, request));
  if (request.kind === "remove" && nothingElseBuilt(module, kernels)) {
    draft.step({ kind: "deregister", module: module.id }, "no result of it is left", steps);
  }
}

function planPairRemoval(index: WorldIndex, draft: Draft, pair: Pair, { kind, progress }: Removal): readonly number[] {
  const state = index.pair(pair);
  const steps: number[] = [];
  // The objects may be deleted, and the kernel's own modules not be back yet.
  const isHalf = progress === "begun" && state !== undefined;
  if (state?.state === "installed" || isHalf) steps.push(draft.step({ kind: "uninstall", pair }, "asked for"));
  else draft.find("skip", notThere(pair, "installed"), pair);
  if (kind === "uninstall") return steps;
  if (state !== undefined) steps.push(draft.step({ kind: "unbuild", pair }, "asked for", steps));
  else draft.find("skip", notThere(pair, "built"), pair);
  return steps;
}

function notThere(pair: Pair, state: "built" | "installed"): DkmsError {
  return new DkmsError("not-there", `${pairWords(pair)} is not ${state}.`, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
  });
}

function nothingElseBuilt(module: Module, kernels: readonly KernelId[]): boolean {
  return module.pairs.every(({ pair }) =>
    kernels.some((kernel) => kernel.release === pair.kernel.release && kernel.arch === pair.kernel.arch),
  );
}
