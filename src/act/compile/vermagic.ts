/** Whether what a build has made is for its kernel: a makefile that asks `uname -r` makes objects for the running one. */
import { kernelDirectory } from "../../model/machine/layout.ts";
import { pairWords } from "../../model/pair.ts";
import { vermagicOf } from "../../observe/boot/object-file.ts";
import { readBytes } from "../../system/files/files.ts";
import type { StagedObject } from "./input.ts";
import { buildFailure, type BuildStage } from "./stage.ts";

/**
 * Throws `object-foreign` for the first object whose vermagic names another release. An object without vermagic says nothing, and headers that a person has
 * named may be those of another release on purpose.
 */
export function requireVermagic(stage: BuildStage, objects: readonly StagedObject[]): void {
  const { pair, kernelSource } = stage.input;
  const { release } = pair.kernel;
  if (!kernelSource.startsWith(`${kernelDirectory(stage.environment.layout, release)}/`)) return;
  for (const { file } of objects) {
    const [built = release] = vermagicOf(readBytes(file) ?? Buffer.alloc(0))?.split(" ", 1) ?? [];
    if (built === release) continue;
    const name = file.slice(file.lastIndexOf("/") + 1);
    throw buildFailure(
      stage,
      "object-foreign",
      `The build of ${pairWords(pair)} made ${name} for kernel ${built}, so ${release} would not load it.`,
      {
        hint: "Its makefile must build for $kernelver, not for `uname -r`. Report it to the maintainer of the module.",
      },
    );
  }
}
