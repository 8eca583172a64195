/** The private copy of a module's sources in which a build works. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, pairWords } from "../../model/pair.ts";
import { canBecomeOthers } from "../../system/environment.ts";
import { makeDirectory, removeTree } from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory, targetKind } from "../../system/files/files.ts";
import { placeOf, targetPlaceOf } from "../../system/files/other-machine.ts";
import { run } from "../../system/process/processes.ts";
import type { BuildInput } from "./input.ts";
import { buildFailure } from "./failure.ts";
import { type BuildStage } from "./stage.ts";

/** Throws `source-empty` when a source directory holds no more than a dkms.conf. */
export function requireSources(input: BuildInput): void {
  if (listDirectory(input.source).length >= 2) return;
  throw new DkmsError("source-empty", `${input.source} holds no sources of ${moduleText(input.pair.module)}.`, {
    module: moduleText(input.pair.module),
    path: input.source,
    hint: "Install the package that the module comes from once more.",
  });
}

/** Copies the sources, then the administrator's own patches over them. */
export async function copySources(stage: BuildStage): Promise<void> {
  const { input, environment, workspace } = stage;
  await copy(stage, input.source, workspace.build);
  // An old log among the sources would stand in the way of ours.
  removeTree(`${workspace.build}/make.log`);
  const patches = `${environment.layout.overrides}/${input.pair.module.name}/patches`;
  if (targetKind(patches) !== "directory") return;
  const destination = `${workspace.build}/patches`;
  if (fileKind(destination) === "link") {
    const sentence = `Patches of ${patches} cannot be laid over those of ${moduleText(input.pair.module)}, which are elsewhere: ${destination} is a link.`;
    throw buildFailure(stage, "file-failed", sentence, { path: destination });
  }
  makeDirectory(destination);
  await copy(stage, patches, destination);
}

/** cp keeps owners, times and links, shares blocks where the file system can, and leaves us free to go on with other pairs. */
async function copy(stage: BuildStage, from: string, to: string): Promise<void> {
  const { signal } = stage.environment;
  // Whoever cannot give files away owns the copies.
  const owners = canBecomeOthers() ? [] : ["--no-preserve=ownership"];
  const { status, stderr } = await run(
    ["cp", "--archive", ...owners, "--reflink=auto", "--", `${targetPlaceOf(from)}/.`, placeOf(to)],
    {
      environment: { LC_ALL: "C.UTF-8" },
      signal,
    },
  );
  if (signal.aborted) throw new DkmsError("interrupted", "Interrupted.");
  if (status === 0) return;
  throw buildFailure(stage, "file-failed", `The sources of ${pairWords(stage.input.pair)} cannot be copied.`, {
    output: stderr,
    path: from,
  });
}
