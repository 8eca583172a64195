/** The world after a removal that is still to come, for the hook that has to work before it. */
import type { World } from "./world.ts";

/** What a transaction is about to remove. */
export interface Departure {
  /** Names of directories below the source tree. */
  readonly sourceDirectories: ReadonlySet<string>;
  /** Kernels whose own files go, not only their headers. */
  readonly kernels: ReadonlySet<string>;
}

/** The same world without these sources and kernels. Their files are still there, so scripts of the modules can still run. */
export function afterDeparture(world: World, departure: Departure): World {
  const isRemoved = (source: string): boolean =>
    departure.sourceDirectories.has(source.slice(source.lastIndexOf("/") + 1));
  return {
    ...world,
    kernels: world.kernels.map((kernel) =>
      departure.kernels.has(kernel.release) ? { ...kernel, modules: "leftover" } : kernel,
    ),
    modules: world.modules.map((module) => (isRemoved(module.source) ? { ...module, sourcePresent: false } : module)),
  };
}
