/** What a kernel needs, and what follows from it: dependencies that are not there, and modules that wait for what is about to be. */
import { damageWords } from "../../model/machine/damage.ts";
import { moduleText, type Pair } from "../../model/pair.ts";
import type { Kernel, Module, PairState } from "../../model/machine/world.ts";
import { leadingVersion } from "./wanted-version.ts";
import type { WorldIndex } from "./world-index.ts";

/** A module that is to be brought to a kernel, and why. */
export interface Need {
  readonly module: Module;
  readonly reason: string;
  /** `always`: what is built is built anew. */
  readonly build: "always" | "when-missing";
  /** `dependency`: only if something that it depends on is installed by the same plan. */
  readonly cause: "itself" | "dependency";
}

/** By the name of the package: only one version of it can be installed. */
export type Needs = ReadonlyMap<string, Need>;

/** Finds what else is needed because of one need. */
export type Consequence = (index: WorldIndex, kernel: Kernel, need: Need) => readonly Need[];

/** Needs with everything that follows from them; a package that is needed already stays as it is. */
export function withConsequences(
  index: WorldIndex,
  kernel: Kernel,
  needs: Needs,
  consequences: readonly Consequence[],
): Needs {
  const all = new Map(needs);
  if (kernel.headers === undefined) return all;
  const open = [...needs.values()];
  for (let need = open.pop(); need !== undefined; need = open.pop()) {
    for (const consequence of consequences) {
      for (const other of consequence(index, kernel, need)) {
        if (all.has(other.module.id.name) || index.supply(other.module.id.name, kernel) !== undefined) continue;
        all.set(other.module.id.name, other);
        open.push(other);
      }
    }
  }
  return all;
}

/** What is built, current and meant for its kernel needs no compiler, only its place. */
export function buildFor(index: WorldIndex, state: PairState | undefined): Need["build"] {
  const conf = state === undefined ? undefined : index.conf(state.pair);
  if (state?.damage?.part === "result") return "always";
  const isReady = state?.freshness === "current" && conf !== undefined && conf.exclusions.pair.length === 0;
  return isReady ? "when-missing" : "always";
}

/** Installed modules of a kernel whose files are not as they were left, whether or not the scope names them: what is built goes back into its place. */
export function damagedNeeds(index: WorldIndex, kernel: Kernel): readonly Need[] {
  return index.names.flatMap((name): Need[] => {
    const state = index.active(name, kernel);
    const module = state === undefined ? undefined : index.module(state.pair.module);
    if (state?.damage === undefined || module === undefined || index.conf(state.pair) === undefined) return [];
    if (index.supply(name, kernel) !== undefined) return [];
    const build = state.damage.part === "result" ? "always" : "when-missing";
    return [{ module, reason: damageWords(state.damage), build, cause: "itself" }];
  });
}

/** What a module is built against and is not installed for the kernel. */
export const missingDependencies: Consequence = (index, kernel, { module }) => {
  const names = index.conf({ module: module.id, kernel })?.directives.buildDepends ?? [];
  return names
    .filter((name) => index.active(name, kernel) === undefined)
    .flatMap((name) => leadingVersion(index, kernel, name, "anything") ?? [])
    .map((dependency) => ({
      module: dependency,
      reason: `${moduleText(module.id)} needs it`,
      build: buildFor(index, index.pair({ module: dependency.id, kernel })),
      cause: "itself",
    }));
};

/** Modules of which no version is there yet, since what they are built against was missing. */
export const waitingModules: Consequence = (index, kernel, { module }) =>
  index.dependents(module.id.name, kernel).flatMap((name) => {
    if (index.versions(name).some(({ id }) => index.pair({ module: id, kernel }) !== undefined)) return [];
    const waiting = leadingVersion(index, kernel, name, "anything");
    if (waiting === undefined || !dependsOn(index, { module: waiting.id, kernel }, module)) return [];
    const reason = `it waits for ${moduleText(module.id)}`;
    return [{ module: waiting, reason, build: "when-missing", cause: "dependency" }];
  });

/**
 * Installed modules that were built with another version of this one and say BUILD_DEPENDS_REBUILD. A dependency that is not there any more is
 * nobody's reason to rebuild.
 */
export const outdatedDependents: Consequence = (index, kernel, { module }) =>
  index.dependents(module.id.name, kernel).flatMap((name) => {
    const state = index.active(name, kernel);
    const dependent = state === undefined ? undefined : index.module(state.pair.module);
    if (state === undefined || dependent === undefined || !index.hasSource(dependent)) return [];
    if (!dependsOn(index, state.pair, module) || index.conf(state.pair)?.directives.rebuild !== "yes") return [];
    if (state.builtWith.get(module.id.name) === module.id.version) return [];
    const reason = `it was built with another ${module.id.name} than ${module.id.version}`;
    return [{ module: dependent, reason, build: "always", cause: "dependency" }];
  });

function dependsOn(index: WorldIndex, pair: Pair, { id }: Module): boolean {
  return index.conf(pair)?.directives.buildDepends.includes(id.name) === true;
}
