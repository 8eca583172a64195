/** Reads kernels that a transaction brings. */
import type { Layout } from "../../model/machine/layout.ts";
import type { Kernel } from "../../model/machine/world.ts";
import { architecture, nameFault, type Release } from "../../model/names.ts";
import { machineArchitecture } from "../../system/environment.ts";
import { readKernel } from "./kernels.ts";

/** Kernels that incoming packages name; names that cannot be a release are passed over. */
export function arrivingKernels(layout: Layout, releases: ReadonlySet<string>): readonly Kernel[] {
  const arch = architecture(machineArchitecture());
  return [...releases]
    .filter((name) => nameFault(name) === undefined)
    .map((name) => readKernel(layout, { release: name as Release, arch }));
}
