/** Which kernels are no more. */
import { kernelText, type KernelId } from "../../model/pair.ts";
import type { Scope } from "../../model/run/request.ts";
import type { WorldIndex } from "./world-index.ts";

/**
 * Kernels, by `kernelText`, whose directory has neither `kernel/` nor `modules.order` any more. A kernel that never was here is not gone: somebody
 * may build for it with --kernelsourcedir, or have its headers alone in a container. That it was here shows in a pair that is installed for it, in
 * what is left of its directory, or in that the transaction has named it.
 */
export function goneKernels(index: WorldIndex, scope: Scope): ReadonlyMap<string, KernelId> {
  const { world } = index;
  const states = world.modules.flatMap(({ pairs }) => pairs);
  const installed = states.filter(({ state }) => state === "installed").map(({ pair }) => pair.kernel);
  const wasHere = new Set(installed.map(kernelText));
  const here = new Set(world.kernels.filter(({ modules }) => modules === "present").map(({ release }) => release));
  const candidates: readonly KernelId[] = [...world.kernels, ...states.map(({ pair }) => pair.kernel)];
  const gone = new Map<string, KernelId>();
  for (const { release, arch } of candidates) {
    const key = kernelText({ release, arch });
    if (here.has(release) || gone.has(key)) continue;
    const { modules, headers } = index.kernel({ release, arch });
    const isEmptied = modules === "leftover" && headers === undefined;
    if (isEmptied || wasHere.has(key) || scope.releases.has(release)) gone.set(key, { release, arch });
  }
  return gone;
}
