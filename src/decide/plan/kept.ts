/** Which pairs are kept although their source has vanished: make before break. */
import { sameKernel, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { Module } from "../../model/machine/world.ts";

/**
 * The version that a pair waits for: another one of its package, whose source is there, while none but the pair's own is installed for its kernel.
 * Until that has happened the pair stays though its source has vanished. Undefined when nothing is waited for.
 */
export function awaitedVersion(modules: readonly Module[], pair: Pair): ModuleId | undefined {
  const rivals = modules.filter(({ id }) => id.name === pair.module.name && !sameModule(id, pair.module));
  if (modules.some(({ id, sourcePresent }) => sourcePresent && sameModule(id, pair.module))) return undefined;
  if (supersedingVersion(modules, pair) !== undefined) return undefined;
  return rivals.find(({ sourcePresent }) => sourcePresent)?.id;
}

/** The other version of a pair's package that is installed for its kernel; undefined when none is. */
export function supersedingVersion(modules: readonly Module[], pair: Pair): ModuleId | undefined {
  return modules.find(
    ({ id, pairs }) =>
      id.name === pair.module.name &&
      !sameModule(id, pair.module) &&
      pairs.some((other) => other.state === "installed" && sameKernel(other.pair.kernel, pair.kernel)),
  )?.id;
}
