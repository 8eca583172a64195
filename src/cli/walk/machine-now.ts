/** The machine before a transaction, as its next boot is judged by. */
import { kernelFacts } from "../../decide/boot/facts.ts";
import type { KernelFacts, ObservedKernel } from "../../model/boot/facts.ts";
import type { World } from "../../model/machine/world.ts";
import { readInstalledModules } from "../../observe/boot/boot.ts";
import { readInstalledWorld } from "../../observe/world.ts";
import type { Settings } from "../frame/settings.ts";

/** What was read, and the facts of it. */
export interface MachineNow {
  readonly world: World;
  readonly observed: readonly ObservedKernel[];
  readonly facts: readonly KernelFacts[];
}

/** Reads it; no conf is evaluated, so what is not installed is not there. */
export async function readMachineNow(settings: Settings): Promise<MachineNow> {
  const world = await readInstalledWorld(settings);
  // One that no package owns may be what this machine boots.
  const kernels = world.kernels.filter(({ modules }) => modules === "present");
  const observed = await readInstalledModules(settings, { world, kernels });
  return { world, observed, facts: kernelFacts(world, observed, [], { steps: [], findings: [] }) };
}
