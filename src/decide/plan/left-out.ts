/** Kernels that hooks leave out on purpose, since no package owns them: the user is told once. */
import { DkmsError } from "../../model/errors.ts";
import { inScope } from "../../model/run/interest.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Kernel } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import type { WorldIndex } from "./world-index.ts";

/** Whether hooks leave a kernel out whatever the module is: no package owns it, and the transaction does not bring it. */
export function isUnowned({ world }: WorldIndex, kernel: Kernel): boolean {
  return kernel.pkgbase === undefined && kernel.isBrought !== true && world.kernelChoice === "packaged";
}

/** Names those that have not been named before, where a module in scope would otherwise be built for them. */
export function tellLeftOut(index: WorldIndex, draft: Draft, scope: Scope): void {
  const { world } = index;
  const told = world.leftOut;
  if (told === undefined) return;
  const releases = world.kernels
    .filter((kernel) => kernel.modules === "present" && isUnowned(index, kernel) && !told.has(kernel.release))
    .filter((kernel) =>
      world.modules.some(
        (module) =>
          index.hasSource(module) &&
          inScope(world, scope, module, kernel) &&
          index.active(module.id.name, kernel) === undefined,
      ),
    )
    .map(({ release }) => release);
  const [first] = releases;
  if (first === undefined) return;
  const message =
    `No package owns ${releases.length === 1 ? "kernel" : "the kernels"} ${releases.join(", ")}, so no modules are built for ` +
    `${releases.length === 1 ? "it" : "them"}. To build for one: dkms autoinstall -k ${first}; for all: Kernels = all under [Build] in /etc/dkms-alpm.conf.`;
  draft.find("skip", new DkmsError("kernels-left-out", message, { excerpt: releases }));
}
