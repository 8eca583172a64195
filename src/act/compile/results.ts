/** What a build has made: imported and checked where it becomes the result. */
import type { DkmsError } from "../../model/errors.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { pairWords, kernelWords } from "../../model/pair.ts";
import { headersRelease, objectFault } from "../../observe/objects/built-object.ts";
import { ForeignTree } from "../../system/files/foreign-tree.ts";
import { fileKind } from "../../system/files/files.ts";
import type { BuildEnvironment, BuildInput, StagedObject } from "./input.ts";
import { Import, noSpace, pathInside, type Refused } from "./import.ts";
import { buildFailure } from "./failure.ts";
import { seenBuild, type BuildStage } from "./stage.ts";

/** What make has made. */
interface Built {
  /** What it has put into `K/A` itself; undefined where nobody gave it that place. */
  readonly made: string | undefined;
  /** Where all of it is imported to. */
  readonly to: string;
  /** What it has written. */
  readonly output: string;
}

/** Imports every wanted object and Module.symvers from the build directory, and what lies in `K/A`. Throws `object-missing`, which names all that are. */
export function importBuilt(stage: BuildStage, { made, to, output }: Built): void {
  const { input, workspace } = stage;
  const build = new ForeignTree(workspace.build);
  const taking = new Import(to);
  const take = (path: string, target: string): string | undefined => {
    const inside = pathInside(build, seenBuild(stage), path);
    return inside === undefined ? "leads out of the build directory" : taking.take(build, inside, target);
  };
  const missing = input.objects.flatMap((object): readonly Refused[] => {
    const path = `${object.builtLocation}${object.builtName}.ko`;
    const why = take(path, `module/${object.destName}.ko`);
    return why === undefined ? [] : [{ path, why }];
  });
  if (missing.length > 0) throw notMade(stage, missing, output);
  take("Module.symvers", symbols);
  if (made !== undefined) importOthers(stage, taking, made);
  build.release();
}

/** Imports what is in `K/A` when POST_BUILD has ended: the objects, and the files that it has put beside them. Throws `object-missing`. */
export function importHanded(stage: BuildStage, handed: string, to: string): void {
  const { input } = stage;
  const words = pairWords(input.pair);
  const hint = "Look at what its POST_BUILD script does.";
  if (fileKind(handed) !== "directory") {
    throw buildFailure(stage, "object-missing", `The result of ${words} is not complete: its directory has vanished.`, {
      hint,
    });
  }
  const tree = new ForeignTree(handed);
  const taking = new Import(to);
  const missing = input.objects.flatMap(({ destName }): readonly Refused[] => {
    const path = `module/${destName}.ko`;
    const why = taking.take(tree, path, path);
    return why === undefined ? [] : [{ path: `${destName}.ko`, why }];
  });
  if (missing.length > 0) {
    const names = missing.map(refusalText).join(", ");
    throw buildFailure(stage, "object-missing", `The result of ${words} is not complete: ${names}.`, {
      hint: isFull(missing) ? freeSome : hint,
    });
  }
  taking.take(tree, symbols, symbols);
  importOthers(stage, taking, handed);
}

/** Where it lies in a result: what modules that depend on this one are built with. */
const symbols = "module/Module.symvers";

/** The objects of a staged result, to be finished; throws `object-foreign` when one is none of the kernel's. */
export function requireObjects(stage: BuildStage, staged: string): readonly StagedObject[] {
  const faults = objectFaults(stage.input, stage.environment, staged);
  if (faults.length === 0) return stagedObjects(stage.input, staged);
  const { pair } = stage.input;
  throw buildFailure(
    stage,
    "object-foreign",
    `The build of ${pairWords(pair)} made what ${kernelWords(pair.kernel)} cannot load: ${faults.join("; ")}.`,
    { hint: "Its makefile must build for $kernelver, not for `uname -r`. Report it to the maintainer of the module." },
  );
}

/** The objects of a staged result. */
export function stagedObjects({ objects }: BuildInput, staged: string): readonly StagedObject[] {
  return objects.map(({ destName, strip }) => ({ file: `${staged}/module/${destName}.ko`, strip }));
}

/** Every object in a staged result that is none of the kernel's, each with the reason; tells what could not be checked. */
export function objectFaults(
  { pair, objects, kernelSource }: BuildInput,
  { layout, tell }: Pick<BuildEnvironment, "layout" | "tell">,
  staged: string,
): readonly string[] {
  const { release, arch } = pair.kernel;
  // Headers that a person has named may be those of another release on purpose.
  const isOwn = kernelSource.startsWith(`${kernelDirectory(layout, release)}/`);
  const traits = { arch, release: headersRelease(kernelSource), named: isOwn ? release : undefined };
  if (traits.release === undefined) {
    const text = `${pairWords(pair)}: ${kernelSource} does not tell the release of its kernel: an object without vermagic passes`;
    tell({ kind: "note", level: "detail", text });
  }
  return objects.flatMap(({ destName }) => {
    const why = objectFault(`${staged}/module/${destName}.ko`, traits);
    return why === undefined ? [] : [`${destName}.ko: ${why}`];
  });
}

function notMade(stage: BuildStage, missing: readonly Refused[], output: string): DkmsError {
  const { pair } = stage.input;
  const absent = missing.filter(({ why }) => why === "does not exist").map(({ path }) => path);
  const others = missing.filter(({ why }) => why !== "does not exist").map(refusalText);
  const faults = [...(absent.length === 0 ? [] : [`did not make ${absent.join(", ")}`]), ...others];
  return buildFailure(stage, "object-missing", `The build of ${pairWords(pair)} succeeded but ${faults.join("; ")}.`, {
    output,
    hint: isFull(missing)
      ? freeSome
      : `BUILT_MODULE_NAME and BUILT_MODULE_LOCATION in dkms.conf must fit what the build makes for ${kernelWords(pair.kernel)}.`,
  });
}

/** Every build leaves so much of the disk free. */
const freeSome = "Free some space there: 64 MiB have to stay free beside what the build has made.";

function isFull(refused: readonly Refused[]): boolean {
  return refused.some(({ why }) => why.endsWith(noSpace));
}

function refusalText({ path, why }: Refused): string {
  return `${path} ${why}`;
}

/** What lies beside the objects is taken as far as it is files; the rest is told of and left where it goes with the build. */
function importOthers(stage: BuildStage, taking: Import, directory: string): void {
  const named = new Set(stage.input.objects.map(({ destName }) => `module/${destName}.ko`));
  const isWanted = (path: string): boolean => !named.has(path) && path !== symbols && !isOurs(path);
  for (const { path, why } of taking.takeAll(new ForeignTree(directory), isWanted)) {
    const text = `${path} in the result of ${pairWords(stage.input.pair)} is left out: it ${why}.`;
    stage.environment.tell({ kind: "note", level: "warning", text });
  }
}

/** The log, and the marks that tell of dependencies: nobody else writes them. */
function isOurs(path: string): boolean {
  return path === "log" || path.startsWith(".dep_");
}
