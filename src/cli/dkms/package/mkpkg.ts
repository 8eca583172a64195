/** `dkms mkpkg`: packages for pacman of what is built, what is missing is built first. */
import { makePackage } from "../../../act/package/make-package.ts";
import {
  addToRepository,
  findRepository,
  requireKey,
  signPackage,
  type Repository,
} from "../../../act/package/repository.ts";
import { modulePackages, type ModulePackage } from "../../../decide/packaging/module-packages.ts";
import { DkmsError } from "../../../model/errors.ts";
import { architecture } from "../../../model/names.ts";
import { kernelText, moduleText, sameKernel, type KernelId, type ModuleId } from "../../../model/pair.ts";
import type { Kernel } from "../../../model/machine/world.ts";
import { readKernel, readKernels } from "../../../observe/kernel/kernels.ts";
import { readModule } from "../../../observe/tree/tree.ts";
import { machineArchitecture, workingDirectory } from "../../../system/environment.ts";
import { keepWordsFromStdout, writeDocument, writeLine } from "../../../system/output.ts";
import { packagesJson } from "../../../tell/package-json.ts";
import { eventLines } from "../../../tell/run/lines.ts";
import { requiredModule } from "../request.ts";
import { kernelChoice } from "../given-kernels.ts";
import { absolutePath } from "../../frame/given-paths.ts";
import { usageError } from "../../frame/usage.ts";
import { tellLine } from "../../frame/live-output.ts";
import { locked } from "../../frame/locked.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import { run } from "../../walk/run.ts";
import type { Settings } from "../../frame/settings.ts";

/** Builds what is missing and makes the packages; returns 0, or the exit status of a build that failed: then no package is made. */
export async function makePackageCommand(settings: Settings, given: ParsedArguments): Promise<number> {
  const module = requiredModule("mkpkg", given);
  const place = placeOf(given);
  const { own, layout, framework } = settings;
  const key = given.value("key") ?? own.package.key.value;
  if (key !== undefined) await requireKey(key);
  const wanted = wantedKernels(settings, module, given);
  const isJson = settings.result === "json";
  if (isJson) keepWordsFromStdout();
  const status = await buildMissing({ ...settings, result: "words" }, module, wanted, given);
  if (status !== 0) return status;
  if (settings.dryRun) {
    const planned = modulePackages(module, wanted);
    if (isJson)
      writeDocument(
        packagesJson(
          planned.map(({ name, pairs }) => ({ name, pairs, path: undefined })),
          undefined,
        ),
      );
    else for (const one of planned) writeLine("out", `Make the package ${packageWords(one)}`);
    return 0;
  }
  const built = builtKernels(settings, module);
  const kernels = wanted.filter((kernel) => built.some((other) => sameKernel(other, kernel)));
  if (kernels.length === 0) {
    throw new DkmsError("object-missing", `${moduleText(module)} is built for no kernel.`, { exitCode: 6 });
  }
  await locked(layout, async ({ signal }) => {
    const paths: string[] = [];
    const made: Parameters<typeof packagesJson>[0][number][] = [];
    for (const planned of modulePackages(module, kernels)) {
      const path = await makePackage({
        layout,
        package: planned,
        destination: place.directory,
        temporary: framework.tmpLocation.value,
        tell: (event) => eventLines(event, settings.verbosity).forEach(tellLine),
        signal,
      });
      if (key !== undefined && place.repository === undefined) await signPackage(path, key, signal);
      writeLine("out", `==> Package ${packageWords(planned)}: ${path}`);
      paths.push(path);
      made.push({ name: planned.name, pairs: planned.pairs, path });
    }
    const { repository } = place;
    const database = repository === undefined ? undefined : `${place.directory}/${repository.database}`;
    if (repository !== undefined) {
      await addToRepository({ repository, packages: paths, key, signal });
      writeLine("out", `==> Entered into ${database}`);
    }
    if (isJson) writeDocument(packagesJson(made, database));
  });
  return 0;
}

function packageWords({ name, pairs }: ModulePackage): string {
  return `${name} with ${pairs.map(({ kernel }) => kernel.release).join(", ")}`;
}

interface Place {
  readonly directory: string;
  readonly repository: Repository | undefined;
}

/** Where packages go: into a repository, a directory, or where the command was given, as with makepkg. */
function placeOf(given: ParsedArguments): Place {
  const repo = given.value("repo");
  const output = given.value("output");
  if (repo !== undefined && output !== undefined) throw usageError("--repo and --output exclude each other.");
  if (repo === "" || output === "") throw usageError(`${repo === "" ? "--repo" : "--output"} needs a directory.`);
  if (repo === undefined) return { directory: absolutePath(output ?? ".", workingDirectory()), repository: undefined };
  const repository = findRepository(absolutePath(repo, workingDirectory()));
  return { directory: repository.directory, repository };
}

/** With `--all` every kernel that has headers or has the module already. */
function wantedKernels(settings: Settings, module: ModuleId, given: ParsedArguments): readonly Kernel[] {
  const { layout } = settings;
  const choice = kernelChoice(given);
  const built = builtKernels(settings, module);
  const chosen =
    choice.kind === "these"
      ? choice.kernels
      : [
          ...built,
          ...readKernels(layout, architecture(machineArchitecture())).filter(
            ({ headers, modules }) => headers !== undefined && modules === "present",
          ),
        ];
  const once = new Map(chosen.map(({ release, arch }) => [kernelText({ release, arch }), { release, arch }]));
  return [...once.values()].map((id) => readKernel(layout, id));
}

function builtKernels({ layout }: Settings, module: ModuleId): readonly KernelId[] {
  return readModule(layout, module).pairs.map(({ pair }) => pair.kernel);
}

/** Builds for the kernels for which it is not built yet; that the module is not meant for one matters only where that one was named. */
async function buildMissing(
  settings: Settings,
  module: ModuleId,
  wanted: readonly Kernel[],
  given: ParsedArguments,
): Promise<number> {
  const built = builtKernels(settings, module);
  const kernels = wanted
    .filter((kernel) => !built.some((other) => sameKernel(other, kernel)))
    .map(({ release, arch }) => ({ release, arch }));
  if (kernels.length === 0) return 0;
  const choice = { kind: "these", kernels } as const;
  const status = await run({ kind: "build", module, directory: undefined, kernels: choice, force: false }, settings);
  return status === 77 && given.has("all") ? 0 : status;
}
