/** Plans for what a command line asks of one kernel as a whole: clear it, or give it what another one has. */
import { DkmsError } from "../../model/errors.ts";
import { pairKey, sameKernel, type KernelId, type Pair } from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Request } from "../../model/run/request.ts";
import { findKernel, type World } from "../../model/machine/world.ts";
import { Draft } from "./draft.ts";
import { orderOf } from "./kernel-work.ts";
import type { Need } from "./needs.ts";
import { bringPair, type Goal } from "./pair-steps.ts";
import { supplied } from "./supplied.ts";
import { forgetEmptied } from "./successors.ts";
import { WorldIndex } from "./world-index.ts";

/** The plan of `kernel_prerm` and `kernel_preinst`: everything that is built for the kernel goes, and its empty directories with it. */
export function planClearKernel(world: World, request: Extract<Request, { kind: "clear-kernel" }>): Plan {
  const draft = new Draft();
  const steps: number[] = [];
  for (const module of world.modules) {
    for (const found of module.pairs) {
      const { pair } = found;
      if (!sameKernel(pair.kernel, request.kernel)) continue;
      const conf = world.confs.get(pairKey(pair));
      const asks = conf?.kind === "valid" && conf.directives.autoinstall === "yes";
      if (request.modules === "autoinstall" && !asks) continue;
      steps.push(draft.remove(found, "its kernel is to go"));
    }
  }
  if (findKernel(world, request.kernel).modules === "leftover") {
    draft.step({ kind: "tidy", kernel: request.kernel }, "its kernel is to go", [], steps);
  }
  return draft.finish();
}

/** The plan of `match`: what is installed for the template kernel, in the same versions, dependencies first. */
export function planMatch(world: World, request: Extract<Request, { kind: "match" }>): Plan {
  const index = new WorldIndex(world);
  const draft = new Draft();
  const { name, template, kernel, force } = request;
  if (name !== undefined && index.versions(name).length === 0) {
    draft.find(
      "refusal",
      new DkmsError("module-not-added", `There is no module ${name} in the dkms tree.`, { module: name }),
    );
    return draft.finish();
  }
  const needs = new Map<string, Need>();
  for (const module of world.modules) {
    if (name !== undefined && module.id.name !== name) continue;
    const isTemplate = index.pair({ module: module.id, kernel: template })?.state === "installed";
    if (!isTemplate || index.pair({ module: module.id, kernel })?.state === "installed") continue;
    const supply = index.supply(module.id.name, kernel);
    if (supply !== undefined && !force) {
      const pair: Pair = { module: module.id, kernel };
      draft.find("skip", supplied(pair, supply), pair);
      continue;
    }
    needs.set(module.id.name, {
      module,
      reason: `it is installed for ${template.release}`,
      build: "when-missing",
      cause: "itself",
    });
  }
  // Members of a circle have no order; each is told what it lacks.
  const names = new Set([...orderOf(index, kernel, needs).order, ...needs.keys()]);
  for (const { module, reason, build } of [...names].flatMap((known) => needs.get(known) ?? [])) {
    const goal: Goal = { state: "installed", force, build, unknownDependency: "refused", yields: false, reason };
    bringPair(index, draft, { module: module.id, kernel }, goal);
  }
  forgetEmptied(index, draft);
  return draft.finish("withdrawn");
}

/** The plan that makes the index of kernels anew, as far as they are still there. */
export function planRefreshIndex(world: World, kernels: readonly KernelId[]): Plan {
  const draft = new Draft();
  for (const kernel of kernels) if (findKernel(world, kernel).modules === "present") draft.touch(kernel);
  return draft.finish();
}
