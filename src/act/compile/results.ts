/** What a build has made: checked, and collected where it becomes the result. */
import { resultDirectory } from "../../model/machine/layout.ts";
import { objectFileNames } from "../../model/kernel-object.ts";
import { kernelWords, pairWords } from "../../model/pair.ts";
import { copyDurably } from "../../system/files/durable-files.ts";
import { fileKind, realPath, targetKind } from "../../system/files/files.ts";
import type { StagedObject } from "./input.ts";
import { buildFailure, type BuildStage } from "./stage.ts";

/**
 * Copies every wanted object and Module.symvers into the staged result and returns the objects; throws `object-missing`, which names all that are.
 * `output` is what make has written.
 */
export function stageResults(stage: BuildStage, output: string): readonly StagedObject[] {
  const { input, workspace } = stage;
  const found = input.objects.map((object) => ({ object, file: builtFile(stage, builtPath(object)) }));
  const missing = found.filter(({ file }) => file === undefined).map(({ object }) => builtPath(object));
  if (missing.length > 0) {
    const { kernel } = input.pair;
    throw buildFailure(
      stage,
      "object-missing",
      `The build of ${pairWords(input.pair)} ended well but did not make ${missing.join(", ")}.`,
      {
        output,
        hint: `BUILT_MODULE_NAME and BUILT_MODULE_LOCATION in dkms.conf must fit what the build makes for ${kernelWords(kernel)}.`,
      },
    );
  }
  const symbols = builtFile(stage, "Module.symvers");
  if (symbols !== undefined) copyDurably(symbols, `${workspace.staged}/module/Module.symvers`, 0o644);
  return found.map(({ object, file = "" }) => {
    const staged = `${workspace.staged}/module/${object.destName}.ko`;
    copyDurably(file, staged, 0o644);
    return { file: staged, strip: object.strip };
  });
}

/** Every object has to be a file in the result, compressed or not; throws `object-missing`. */
export function requireResults(stage: BuildStage, directory: string): void {
  if (isComplete(stage, directory)) return;
  const names = missingObjects(stage, directory)
    .map(({ destName }) => `${destName}.ko`)
    .join(", ");
  const { layout } = stage.environment;
  throw buildFailure(
    stage,
    "object-missing",
    `The result of ${pairWords(stage.input.pair)} is not complete: ${names || "its directory"} has vanished.`,
    { path: resultDirectory(layout, stage.input.pair), hint: "Look at what its POST_BUILD script does." },
  );
}

/** Whether a result holds every object. */
export function isComplete(stage: BuildStage, directory: string): boolean {
  return fileKind(`${directory}/module`) === "directory" && missingObjects(stage, directory).length === 0;
}

function missingObjects({ input }: BuildStage, directory: string): BuildStage["input"]["objects"] {
  return input.objects.filter(
    ({ destName }) => !objectFileNames(destName).some((name) => fileKind(`${directory}/module/${name}`) === "file"),
  );
}

function builtPath(object: { readonly builtLocation: string; readonly builtName: string }): string {
  return `${object.builtLocation}${object.builtName}.ko`;
}

/** The real file of something that was built. Links that lead out of the build directory do not count: scripts must not pick files of the machine. */
function builtFile(stage: BuildStage, path: string): string | undefined {
  const build = realPath(stage.workspace.build);
  const file = realPath(`${stage.workspace.build}/${path}`);
  if (build === undefined || file === undefined || !file.startsWith(`${build}/`)) return undefined;
  return targetKind(file) === "file" ? file : undefined;
}
