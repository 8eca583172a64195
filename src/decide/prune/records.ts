/** Judges what a run leaves behind besides results: stamps, logs, links, copies, private directories, lines of the journal. */
import type { Leftovers, Deletion } from "../../model/health/leftovers.ts";
import { moduleText, sameModule, type KernelId, type ModuleId, type Pair } from "../../model/pair.ts";
import { findModule, findPair } from "../../model/machine/lookup.ts";
import { findKernel, type World } from "../../model/machine/world.ts";
import { needlessCache } from "./cache.ts";

/** Everything of that kind that speaks of nothing any more. */
export function staleRecords(world: World, leftovers: Leftovers): Deletion[] {
  return [
    ...staged(world, leftovers),
    ...leftovers.builds.map((path): Deletion => ({ kind: "build", path, reason: "a run that was killed has left it" })),
    ...leftovers.stamps
      .filter(({ pair }) => findPair(world, pair) === undefined)
      .map(({ path }): Deletion => ({ kind: "stamp", path, reason: "what it speaks of is not built any more" })),
    ...leftovers.logs
      .filter(({ pair }) => findPair(world, pair) === undefined && !canBeBuilt(world, pair))
      .map(({ path, pair }): Deletion => ({ kind: "log", path, reason: missing(world, pair) })),
    ...leftovers.links
      .filter(({ pair }) => !canBeBuilt(world, pair))
      .map(({ path }): Deletion => ({ kind: "link", path, reason: "it leads nowhere" })),
    ...leftovers.kept
      .filter(({ module }) => !isRegistered(world, module))
      .map(({ path, module }): Deletion => ({ kind: "kept", path, reason: `${moduleText(module)} was removed` })),
    ...leftovers.originals
      .filter(({ kernel }) => isRemoved(world, kernel))
      .map(({ path, kernel }): Deletion => ({
        kind: "originals",
        path,
        reason: `kernel ${kernel.release} was removed`,
      })),
    ...leftovers.emptyDirectories.map((path): Deletion => ({ kind: "directory", path, reason: "it is empty" })),
    ...needlessCache(leftovers),
    ...journal(world),
  ];
}

function staged(world: World, { staged: files }: Leftovers): readonly Deletion[] {
  return files
    .filter(({ release }) => release !== world.running.release)
    .map(({ release, path }): Deletion => ({
      kind: "object",
      release,
      path,
      reason: "a run that was killed has left it",
    }));
}

/** Lines of the journal of which nothing can come: the module was removed, the kernel is not there, or the pair is in place. */
function journal(world: World): readonly Deletion[] {
  const known = new Map(world.modules.map(({ id }) => [moduleText(id), id]));
  return [...world.pending].flatMap((key): Deletion[] => {
    const [name = "", version = "", release = "", arch = ""] = key.split("/");
    const module = known.get(`${name}/${version}`);
    const kernel = { release, arch } as KernelId;
    const deletion = (reason: string): Deletion[] => [{ kind: "journal", key, reason }];
    if (module === undefined) return deletion("the module was removed");
    const state = findPair(world, { module, kernel });
    if (state === undefined && isNowhere(world, kernel)) return deletion("the kernel is not installed");
    const isInPlace = state?.state === "installed" && state.freshness !== "changed";
    return isInPlace && findModule(world, module)?.sourcePresent === true ? deletion("it is installed") : [];
  });
}

/** The module is there and the kernel too: somebody may still want to read why it could not be built. */
function canBeBuilt(world: World, { module, kernel }: Pair): boolean {
  return findModule(world, module)?.sourcePresent === true && !isNowhere(world, kernel);
}

function missing(world: World, { module, kernel }: Pair): string {
  return isNowhere(world, kernel) ? `kernel ${kernel.release} is not installed` : `${moduleText(module)} was removed`;
}

function isRegistered(world: World, module: ModuleId): boolean {
  return world.modules.some(
    ({ id, registration, pairs }) => sameModule(id, module) && (registration !== "none" || pairs.length > 0),
  );
}

/** Neither its modules nor its headers are there. */
function isNowhere(world: World, kernel: KernelId): boolean {
  return isRemoved(world, kernel) && findKernel(world, kernel).headers === undefined;
}

/** What is of the running kernel stays, whatever became of its directory. */
function isRemoved(world: World, kernel: KernelId): boolean {
  return kernel.release !== world.running.release && findKernel(world, kernel).modules !== "present";
}
