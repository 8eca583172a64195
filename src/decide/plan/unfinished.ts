/** The journal, as planners read it: pairs that an earlier run began and did not finish. */
import type { KernelId, ModuleId, Pair } from "../../model/pair.ts";
import type { World } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import type { WorldIndex } from "./world-index.ts";

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
