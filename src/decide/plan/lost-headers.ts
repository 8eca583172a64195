/** Kernels whose headers went when those of another release came: what is installed there stays, and nothing can be built. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, sameKernel, type ModuleId } from "../../model/pair.ts";
import { otherHeaders } from "../../model/machine/world.ts";
import type { Scope } from "../../model/run/request.ts";
import type { Draft } from "./draft.ts";
import { headersMissing } from "./obstacles.ts";
import type { WorldIndex } from "./world-index.ts";

function hasSource(index: WorldIndex, id: ModuleId): boolean {
  const module = index.module(id);
  return module !== undefined && index.hasSource(module);
}

/** Warns of each of them that has modules, unless the plan refuses to build for it and says so there. */
export function tellLostHeaders(index: WorldIndex, draft: Draft, scope: Scope): void {
  const { world } = index;
  if (!otherHeaders(world).some((release) => scope.releases.has(release))) return;
  for (const kernel of world.kernels) {
    if (kernel.modules !== "present" || kernel.pkgbase === undefined || kernel.headers !== undefined) continue;
    // What has lost its source may be removed by the same transaction.
    const pairs = index.names
      .flatMap((name) => index.active(name, kernel)?.pair ?? [])
      .filter(({ module }) => hasSource(index, module));
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
