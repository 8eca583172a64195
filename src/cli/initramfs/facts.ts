/** Gathers what has to be known before it can be decided on a kernel's initramfs image. */
import type { Hook } from "../../alpm/hook/hook.ts";
import { parseHookFile } from "../../alpm/hook/file.ts";
import { readHook } from "../../alpm/hook/reading.ts";
import type { Targets } from "../../alpm/targets.ts";
import { vercmp } from "../../alpm/vercmp.ts";
import { hookFileName, type HookSubject } from "../../decide/hookgen/names.ts";
import { stockHookName, type InitramfsQuestion } from "../../decide/initramfs/initramfs.ts";
import { imageModules, isHookSource, type KernelImageModules } from "../../decide/initramfs/modules.ts";
import { decide } from "../../decide/plan/plan.ts";
import { architecture } from "../../model/names.ts";
import { parseObjectFileName } from "../../model/kernel-object.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import { moduleText } from "../../model/pair.ts";
import type { Kernel } from "../../model/machine/world.ts";
import { findCallingPacman } from "../../observe/pacman/incoming/calling-pacman.ts";
import { readEffectiveHook, type FoundHook } from "../../observe/pacman/hook-files.ts";
import { ownerMark, withOwners } from "../../observe/kernel/kernel-owners.ts";
import { searchKernel } from "../../observe/kernel/kernel-search.ts";
import { readKernels } from "../../observe/kernel/kernels.ts";
import { ownedFiles, packageFiles } from "../../observe/pacman/local-database.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { isExtracted, readRunningTransaction } from "../../observe/pacman/running-transaction.ts";
import { sourceDirectories } from "../../observe/tree/sources.ts";
import { readWorld } from "../../observe/world.ts";
import { machineArchitecture } from "../../system/environment.ts";
import type { Settings } from "../frame/settings.ts";

/** The question, and the modules of each kernel that its image is written for. */
export interface InitramfsFacts {
  readonly question: InitramfsQuestion;
  readonly modules: ReadonlyMap<string, KernelImageModules>;
}

/** Reads it all; by hand, outside of a transaction, no stock hook is about to run. */
export async function gatherFacts(subject: HookSubject, targets: Targets, settings: Settings): Promise<InitramfsFacts> {
  const { generator, kernel } = subject;
  const { layout } = settings;
  const pacman = await readPacmanSettings(findCallingPacman()?.command.config);
  const transaction = readRunningTransaction(pacman);
  const hook = hookOf(readEffectiveHook(hookFileName(subject), pacman.hookDirectories));
  const named = hook?.triggers.filter(({ type }) => type === "Package").flatMap((trigger) => trigger.targets) ?? [];
  const owned = packageFiles(pacman.database, new Set([...named, ...targets.packages]));
  const kernels = await kernelsOf(layout, kernel, pacman.database);
  const modules = await readModules(kernels, settings, (directory) => isHookSource({ hook, owned }, directory));
  const stock = readEffectiveHook(stockHookName(generator), pacman.hookDirectories);
  const isConf = (path: string): boolean => /^usr\/src\/[^/]+\/dkms\.conf$/.test(path);
  return {
    modules,
    question: {
      generator,
      kernel,
      targets,
      stock: stock === undefined || transaction === undefined ? undefined : { name: stock.name, hook: hookOf(stock) },
      confOwners: new Set([...owned].filter(([, paths]) => paths.some(isConf)).map(([name]) => name)),
      arrivals: {
        packages: transaction?.packages ?? new Set(),
        paths: transaction?.paths.filter(isExtracted) ?? [],
      },
      releases: kernels.map(({ release }) => ({ release, missing: modules.get(release)?.missing ?? [] })),
    },
  };
}

/** Undefined for a mask, and for a file that pacman refuses. */
function hookOf(found: FoundHook | undefined): Hook | undefined {
  if (found?.content.kind !== "text") return undefined;
  const reading = readHook(parseHookFile(found.content.text));
  return reading.kind === "hook" ? reading.hook : undefined;
}

/** The kernels of a package, the newest first; copies that tools keep of the running one do not count beside one that a package owns. */
async function kernelsOf(layout: Layout, pkgbase: string, database: string): Promise<readonly Kernel[]> {
  const all = (await withOwners(layout, readKernels(layout, architecture(machineArchitecture()))))
    .filter((kernel) => kernel.pkgbase === pkgbase && kernel.modules === "present")
    .toSorted((a, b) => vercmp(b.release, a.release));
  if (all.length < 2) return all;
  const mark = (kernel: Kernel): string => ownerMark(layout, kernel);
  const owned = ownedFiles(database, all.map(mark));
  return owned === undefined || owned.size === 0 ? all : all.filter((kernel) => owned.has(mark(kernel)));
}

/** Asks the planner what the install hook would do: what it would still install is missing. So is what the tree calls installed and no file is there of. */
async function readModules(
  kernels: readonly Kernel[],
  settings: Settings,
  counts: (directory: string) => boolean,
): Promise<ReadonlyMap<string, KernelImageModules>> {
  const releases = new Set<string>(kernels.map(({ release }) => release));
  const directories = new Set(sourceDirectories(settings.layout).map(({ name }) => name));
  if (releases.size === 0 || ![...directories].some(counts)) return new Map();
  const request = { kind: "transaction-install", scope: { releases, sourceDirectories: new Set<string>() } } as const;
  const world = await readWorld(request, settings);
  const plan = decide(world, request);
  return new Map(
    kernels.map((kernel) => {
      const { installed, missing } = imageModules(world, plan, kernel, counts);
      const search = searchKernel(kernelDirectory(settings.layout, kernel.release));
      const isThere = (objects: readonly string[]): boolean =>
        objects.every((file) => search.find(parseObjectFileName(file)?.name ?? file).length > 0);
      const removed = installed.filter(({ objects }) => !isThere(objects)).map(({ id }) => moduleText(id));
      return [kernel.release, { installed, missing: [...missing, ...removed] }];
    }),
  );
}
