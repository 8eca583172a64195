/**
 * Most transactions bring nothing for us to do, and each of them waits for us to say so. To find that out takes no lock: what is all right as it is
 * stays so, whoever is at work beside us.
 */
import { decide } from "../../decide/plan/plan.ts";
import { buildPlace, packageDirectory, unfinishedPlaces, type Layout } from "../../model/machine/layout.ts";
import type { Plan } from "../../model/run/plan.ts";
import type { Request } from "../../model/run/request.ts";
import type { World } from "../../model/machine/world.ts";
import { readWorld } from "../../observe/world.ts";
import { listDirectory } from "../../system/files/files.ts";
import { readUnfinished } from "./unfinished.ts";
import { forgetOwnTargets, ownTargetsFile } from "../../act/transaction/saved-targets.ts";
import type { Settings } from "../frame/settings.ts";

/** The world in which there is nothing to do; undefined when there is, or when an earlier run has left anything behind, or another one is at work. */
export async function idleWorld(
  request: Request,
  settings: Settings,
): Promise<{ readonly world: World; readonly plan: Plan } | undefined> {
  const isHook = request.kind === "transaction-install" || request.kind === "transaction-remove";
  if (!isHook || !isTidy(settings.layout)) return undefined;
  const world = await readWorld(request, settings, "needed");
  const plan = decide(world, request);
  if (plan.steps.length > 0 || plan.findings.length > 0) return undefined;
  forgetOwnTargets();
  return { world, plan };
}

/**
 * Whoever is at work, or was killed, has an entry in the journal, saved targets, a private directory, a module that is half removed under a hidden name, or a
 * file that he was writing. What a killed `ldtarball` has left deeper in the tree is not looked for: it harms nobody, and goes with the next run that has work.
 */
function isTidy(layout: Layout): boolean {
  const { entries, files } = readUnfinished(layout);
  if (entries.length > 0 || files.some((file) => file !== ownTargetsFile())) return false;
  if (listDirectory(buildPlace(layout)).length > 0) return false;
  const packages = listDirectory(layout.dkmsTree).map((name) => packageDirectory(layout, name));
  const hasHidden = (directory: string): boolean => listDirectory(directory).some((name) => name.startsWith("."));
  return !packages.some(hasHidden) && !unfinishedPlaces(layout).some(hasHidden);
}
