/** The world after a removal that is still to come, for the hook that has to work before it. */
import type { Arrivals } from "../guard/arrivals.ts";
import type { Module, World } from "./world.ts";

/** What a transaction is about to remove. */
export interface Departure {
  /** Names of directories below the source tree. */
  readonly sourceDirectories: ReadonlySet<string>;
  /** Kernels whose own files go, not only their headers. */
  readonly kernels: ReadonlySet<string>;
  /** What takes its place. */
  readonly arrivals: Pick<Arrivals, "modules" | "isKnown">;
}

/**
 * The same world without these sources and kernels. Their files are still there, so scripts of the modules can still run. A module of which another
 * version arrives, or may arrive, keeps its source: another dkms builds that version, and removes this one.
 */
export function afterDeparture(world: World, departure: Departure): World {
  const { modules, isKnown } = departure.arrivals;
  const isRemoved = ({ id, source }: Module): boolean =>
    departure.sourceDirectories.has(source.slice(source.lastIndexOf("/") + 1)) && isKnown && !modules.includes(id.name);
  return {
    ...world,
    kernels: world.kernels.map((kernel) =>
      departure.kernels.has(kernel.release) ? { ...kernel, modules: "leftover" } : kernel,
    ),
    modules: world.modules.map((module) => (isRemoved(module) ? { ...module, sourcePresent: false } : module)),
  };
}
