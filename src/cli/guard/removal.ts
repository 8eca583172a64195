/** Before a transaction that removes kernels or module sources: does it take away what the machine boots with? Nothing is built for that. */
import { join } from "node:path";
import type { Targets } from "../../alpm/targets.ts";
import { judgeRemoval } from "../../decide/guard/removal.ts";
import { requiredForBoot } from "../../decide/boot/required.ts";
import { knownModules } from "../../decide/guard/world.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { World } from "../../model/machine/world.ts";
import { noteName, supplyDirectory, type Supply } from "../../model/packaging/supply.ts";
import { fileOwners } from "../../observe/pacman/file-owners.ts";
import { readEffectiveHook } from "../../observe/pacman/hook-files.ts";
import { readBootNeeds } from "../../observe/pacman/incoming/boot-needs.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { targetKind } from "../../system/files/files.ts";
import { guardLines } from "../../tell/guard.ts";
import { findingProblems } from "../../tell/notify/problems.ts";
import { tellJournal } from "../frame/journal.ts";
import { tellLine } from "../frame/live-output.ts";
import { readHookSettings } from "../frame/settings.ts";
import { readArrivals } from "../../act/guard/arrivals.ts";
import { readMachineNow } from "../walk/machine-now.ts";
import { policyOf } from "./policy.ts";

/** Judges the removals of a transaction, from the targets of a hook that names nothing else. */
export async function guardRemoval(targets: Targets): Promise<"refused" | "passed"> {
  const settings = await readHookSettings();
  const { layout, own } = settings;
  // What NoExtract keeps from the disk is announced as removed in every upgrade.
  const isThere = (path: string): boolean => targetKind(path) === "file";
  const kernelFile = (release: string): string | undefined =>
    ["modules.order", "vmlinuz"].map((name) => join(kernelDirectory(layout, release), name)).find(isThere);
  const confOf = (directory: string): string => join(layout.sourceTree, directory, "dkms.conf");
  const kernels = [...targets.parts["modules.order"], ...targets.parts.vmlinuz].filter(kernelFile);
  const directories = [...targets.sourceDirectories].filter((directory) => isThere(confOf(directory)));
  const notes = [...targets.notes].map((path) => `/${path}`).filter(isThere);
  if (kernels.length + directories.length + notes.length === 0) return "passed";
  const { world, observed } = await readMachineNow(settings);
  if (observed.every(({ objects }) => objects.size === 0)) return "passed";

  const pacman = findCallingPacman();
  const needs = await readBootNeeds(own.guard.require.value, pacman, new AbortController().signal);
  const required = requiredForBoot(needs, knownModules(world));
  if (required.length === 0) return "passed";
  const arrivals = readArrivals(layout);
  const judge = (owners: ReadonlyMap<string, string>) => {
    const named = (path: string): readonly string[] => [owners.get(path) ?? []].flat();
    const removal = {
      kernels: new Map(kernels.map((release) => [release, named(kernelFile(release) ?? "")] as const)),
      directories: new Map(directories.map((directory) => [directory, named(confOf(directory))] as const)),
      supplies: removedSupplies(world, layout, notes),
    };
    return (policy: "required" | "all" | "warn") =>
      judgeRemoval({ removal, world, observed, arrivals, required }, policy);
  };
  // Most removals take nothing away that matters: then nobody is asked for a policy, and no owner is looked for.
  if (judge(new Map())("warn").findings.length === 0) return "passed";
  const policy = policyOf(settings);
  if (policy === "off" || (await isSwitchedOff())) return "passed";
  const operation = pacman?.command.operation ?? "other";
  // Who removes packages by name has named them himself.
  const paths =
    operation === "other"
      ? []
      : [...kernels.flatMap((release) => kernelFile(release) ?? []), ...directories.map(confOf)];
  const judgement = judge(await fileOwners(paths))(policy);
  guardLines(judgement, { words: pacman?.words ?? [], operation }).forEach(tellLine);
  await tellJournal(findingProblems(judgement.findings));
  return judgement.decision === "refuse" ? "refused" : "passed";
}

/** Keys of the prebuilt modules that these notes are about. */
function removedSupplies({ supplies }: World, layout: Layout, notes: readonly string[]): ReadonlySet<string> {
  const isNoted = ({ pair: { module, kernel } }: Supply): boolean =>
    notes.includes(join(supplyDirectory(layout, kernel.release), noteName(module.name)));
  return new Set([...supplies].filter(([, supply]) => isNoted(supply)).map(([key]) => key));
}

/** Who has masked the guard's first hook wants no guard. */
async function isSwitchedOff(): Promise<boolean> {
  const { hookDirectories } = await readPacmanSettings(findCallingPacman()?.command.config);
  const hook = readEffectiveHook("05-dkms-guard.hook", hookDirectories);
  return hook?.content.kind !== "text" || !hook.content.text.includes("[Trigger]");
}
