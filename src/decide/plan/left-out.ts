/** Kernels for which hooks build nothing, and what the user is told of it: no package owns them, or their headers went when those of another release came. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, sameKernel } from "../../model/pair.ts";
import { inScope } from "../../model/run/interest.ts";
import type { Scope } from "../../model/run/request.ts";
import { otherHeaders, type Kernel } from "../../model/machine/world.ts";
import type { Draft } from "./draft.ts";
import { headersMissing } from "./obstacles.ts";
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

/** Warns of each kernel with modules whose headers went, unless the plan refuses to build for it and says so there. */
export function tellLostHeaders(index: WorldIndex, draft: Draft, scope: Scope): void {
  const { world } = index;
  if (!otherHeaders(world).some((release) => scope.releases.has(release))) return;
  for (const kernel of world.kernels) {
    if (kernel.modules !== "present" || kernel.pkgbase === undefined || kernel.headers !== undefined) continue;
    // What has lost its source may be removed by the same transaction.
    const pairs = index.names
      .flatMap((name) => index.active(name, kernel)?.pair ?? [])
      .filter(({ module: id }) => {
        const module = index.module(id);
        return module !== undefined && index.hasSource(module);
      });
    const [first] = pairs;
    const isTold = draft.findings.some(
      ({ error, pair }) => error.code === "headers-missing" && pair !== undefined && sameKernel(pair.kernel, kernel),
    );
    if (first === undefined || isTold) continue;
    const names = pairs.map(({ module }) => moduleText(module)).join(", ");
    const { message, facts } = headersMissing(world, first);
    const stay = `${names} ${pairs.length === 1 ? "stays" : "stay"} installed there, and no module can be built for it.`;
    draft.find("warning", new DkmsError("headers-missing", `${message} ${stay}`, facts));
  }
}
