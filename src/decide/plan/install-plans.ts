/** What shall be built and installed, from what pacman's targets or `dkms autoinstall` say. */
import { DkmsError } from "../../model/errors.ts";
import { damageWords } from "../../model/machine/damage.ts";
import { kernelHasModule } from "../../model/machine/own-module.ts";
import { pairKey, type KernelId, type Pair } from "../../model/pair.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Scope } from "../../model/run/request.ts";
import type { PairState, World } from "../../model/machine/world.ts";
import { bringWanted } from "./wanted-pairs.ts";
import { bringNeeds } from "./kernel-work.ts";
import { autoinstallVersions } from "./wanted-version.ts";
import { outdatedDependents, withConsequences, type Need } from "./needs.ts";
import { broken } from "./obstacles.ts";
import { dropRemovedPairs } from "./removed-pairs.ts";
import { forgetEmptied, registerAwaited } from "./successors.ts";
import { Draft, reindexUnfinished } from "./draft.ts";
import { supplied } from "./supplied.ts";
import { WorldIndex } from "./world-index.ts";

/** The plan of the install hook: every wanted pair in scope that is not in place, or whose inputs have changed; then what every run clears away. */
export function planTransactionInstall(world: World, scope: Scope): Plan {
  const index = new WorldIndex(world);
  const draft = new Draft();
  bringWanted(index, draft, scope);
  registerAwaited(index, draft, scope);
  // What was named is there: of that, nothing is to be removed.
  dropRemovedPairs(index, draft, { releases: new Set(), sourceDirectories: new Set() });
  forgetEmptied(index, draft);
  reindexUnfinished(index, draft);
  return draft.finish();
}

/** The plan of `dkms autoinstall`: of every registered module the newest version that fits one kernel and says AUTOINSTALL. */
export function planAutoinstall(world: World, id: KernelId): Plan {
  const index = new WorldIndex(world);
  const draft = new Draft();
  const kernel = world.kernels.find(({ release, arch }) => release === id.release && arch === id.arch);
  if (kernel === undefined) {
    draft.find(
      "refusal",
      new DkmsError("headers-missing", `Kernel ${id.release} is not installed.`, { kernel: id.release }),
    );
    return draft.finish();
  }
  for (const module of world.modules) if (module.registration === "broken") draft.find("warning", broken(module));
  const wanted = new Map<string, Need>();
  for (const module of autoinstallVersions(index, kernel)) {
    const pair: Pair = { module: module.id, kernel };
    const conf = world.confs.get(pairKey(pair));
    if (conf?.kind === "valid" && conf.directives.autoinstall !== "yes") continue;
    const state = index.pair(pair);
    if (state?.state === "installed" && state.damage === undefined) continue;
    if (state?.yieldsTo !== undefined && state.freshness === "current") {
      draft.find("skip", kernelHasModule(pair, [state.yieldsTo]), pair);
      continue;
    }
    const supply = index.supply(module.id.name, kernel);
    if (supply !== undefined) {
      draft.find("skip", supplied(pair, supply), pair);
      continue;
    }
    const build = isReady(state) ? "when-missing" : "always";
    const reason = state?.damage === undefined ? "it is not installed for this kernel" : damageWords(state.damage);
    wanted.set(module.id.name, { module, reason, build, cause: "itself" });
  }
  const needs = withConsequences(index, kernel, wanted, [outdatedDependents]);
  bringNeeds(index, draft, kernel, { needs, unknownDependency: "deferred" });
  forgetEmptied(index, draft);
  return draft.finish("withdrawn");
}

/** Whether what is built is good enough to be put in its place: of what was installed, only the place has suffered. */
function isReady(state: PairState | undefined): boolean {
  return state?.damage === undefined ? state?.freshness === "current" : state.damage.part === "kernel";
}
