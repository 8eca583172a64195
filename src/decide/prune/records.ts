/** Judges what a run leaves behind besides results: stamps, logs, links, copies, private directories, lines of the journal. */
import type { Leftovers, Litter } from "../../model/health/leftovers.ts";
import { moduleText, sameModule, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import { findKernel, findModule, findPair, type World } from "../../model/machine/world.ts";
import { needlessCache } from "./cache.ts";

/** Everything of that kind that speaks of nothing any more. */
export function staleRecords(world: World, leftovers: Leftovers): Litter[] {
  return [
    ...staged(world, leftovers),
    ...leftovers.builds.map((path): Litter => ({ kind: "build", path, reason: "a run that was killed has left it" })),
    ...leftovers.stamps
      .filter(({ pair }) => findPair(world, pair) === undefined)
      .map(({ path }): Litter => ({ kind: "stamp", path, reason: "what it speaks of is not built any more" })),
    ...leftovers.logs
      .filter(({ pair }) => findPair(world, pair) === undefined && !canBeBuilt(world, pair))
      .map(({ path, pair }): Litter => ({ kind: "log", path, reason: `${missing(world, pair)} is no more` })),
    ...leftovers.links
      .filter(({ pair }) => !canBeBuilt(world, pair))
      .map(({ path }): Litter => ({ kind: "link", path, reason: "it leads nowhere" })),
    ...leftovers.kept
      .filter(({ module }) => !isRegistered(world, module))
      .map(({ path, module }): Litter => ({ kind: "kept", path, reason: `${moduleText(module)} is no more` })),
    ...leftovers.originals
      .filter(({ kernel }) => isGone(world, kernel))
      .map(({ path, kernel }): Litter => ({ kind: "originals", path, reason: `kernel ${kernel.release} is gone` })),
    ...leftovers.emptyDirectories.map((path): Litter => ({ kind: "directory", path, reason: "it is empty" })),
    ...needlessCache(leftovers),
    ...journal(world),
  ];
}

function staged(world: World, { staged: files }: Leftovers): readonly Litter[] {
  return files
    .filter(({ release }) => release !== world.running.release)
    .map(({ release, path }): Litter => ({
      kind: "object",
      release,
      path,
      reason: "a run that was killed has left it",
    }));
}

/** Lines of the journal of which nothing can come: the module or the kernel is gone, or the pair is in place. */
function journal(world: World): readonly Litter[] {
  const known = new Map(world.modules.map(({ id }) => [moduleText(id), id]));
  return [...world.pending].flatMap((key): Litter[] => {
    const [name = "", version = "", release = "", arch = ""] = key.split("/");
    const module = known.get(`${name}/${version}`);
    const kernel = { release, arch } as KernelId;
    const litter = (reason: string): Litter[] => [{ kind: "journal", key, reason }];
    if (module === undefined) return litter("the module is no more");
    const state = findPair(world, { module, kernel });
    if (state === undefined && isGone(world, kernel)) return litter("the kernel is no more");
    const isInPlace = state?.state === "installed" && state.freshness !== "changed";
    return isInPlace && findModule(world, module)?.sourcePresent === true ? litter("it is installed") : [];
  });
}

/** The module is there and the kernel too: somebody may still want to read why it could not be built. */
function canBeBuilt(world: World, { module, kernel }: Pair): boolean {
  return findModule(world, module)?.sourcePresent === true && !isGone(world, kernel);
}

function missing(world: World, { module, kernel }: Pair): string {
  return isGone(world, kernel) ? `kernel ${kernel.release}` : moduleText(module);
}

function isRegistered(world: World, module: ModuleId): boolean {
  return world.modules.some(
    ({ id, registration, pairs }) => sameModule(id, module) && (registration !== "none" || pairs.length > 0),
  );
}

/** What is of the running kernel stays, whatever became of its directory. */
function isGone(world: World, kernel: KernelId): boolean {
  return kernel.release !== world.running.release && findKernel(world, kernel).modules !== "present";
}
