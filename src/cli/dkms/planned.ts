/** Commands that become a request to the planner, after the tarball that they may name has been loaded. */
import type { Request } from "../../model/run/request.ts";
import { isRoot } from "../../system/environment.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import type { Settings } from "../frame/settings.ts";
import { usageError } from "../frame/usage.ts";
import { run } from "../walk/run.ts";
import { requireRegistered } from "./registered.ts";
import { commandRequest, isPlanned } from "./request.ts";
import { requireRoot } from "./root.ts";
import { givenArchive, loadTarballCommand } from "./package/tarballs.ts";

/** Runs such a command; returns its exit code. */
export async function runPlanned(settings: Settings, given: ParsedArguments, name: string): Promise<number> {
  const mayChange = settings.dryRun || isRoot();
  const archive = givenArchive(name, given);
  if (archive !== undefined) {
    if (!mayChange) requireRoot();
    return loadTarballCommand(name, archive, settings, given);
  }
  if (!isPlanned(name)) throw usageError(`dkms ${name} needs the tarball to load.`);
  const request = await commandRequest(name, given, settings);
  if (!mayChange) refuseStranger(request, settings);
  const status = await run(request, settings);
  if (status === 0) await forgetRemoved(request, settings);
  return status;
}

/** After `remove` and `unbuild` nothing is left of a build, nor is its result kept. */
async function forgetRemoved(request: Request, { layout, dryRun }: Settings): Promise<void> {
  if ((request.kind !== "remove" && request.kind !== "unbuild") || dryRun) return;
  const [{ forgetResults }, { resultCache }] = await Promise.all([
    import("../../act/cache/cache.ts"),
    import("../../act/cache/place.ts"),
  ]);
  forgetResults(resultCache(layout), request.module, request.kernels);
}

/** Somebody who is not root still learns that there is nothing to remove. */
function refuseStranger(request: Request, { layout }: Settings): void {
  if (request.kind === "remove" || request.kind === "unbuild" || request.kind === "uninstall") {
    requireRegistered(layout, request.module);
  }
  requireRoot();
}
