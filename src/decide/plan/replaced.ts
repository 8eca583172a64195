/** What gives way to a pair that is installed. */
import { sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import { wantedObjects } from "../../model/machine/world.ts";
import type { WorldIndex } from "./world-index.ts";

/**
 * The other version of the package that is installed, and modules of other packages that are installed though their source has gone and have an object of
 * the same name: a package that takes the place of another one brings it under a new name.
 */
export function replacedBy(index: WorldIndex, pair: Pair): readonly ModuleId[] {
  const active = index.active(pair.module.name, pair.kernel)?.pair.module;
  const otherVersion = active === undefined || sameModule(active, pair.module) ? [] : [active];
  const conf = index.conf(pair);
  const predecessors = (conf === undefined ? [] : wantedObjects(conf))
    .flatMap(({ destName }) => index.orphans(destName, pair.kernel))
    .filter(({ name }) => name !== pair.module.name);
  return [...otherVersion, ...new Set(predecessors)];
}
