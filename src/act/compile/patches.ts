/** Applies the patches that the conf names for this kernel. */
import { pairWords } from "../../model/pair.ts";
import { targetKind } from "../../system/files/files.ts";
import { buildFailure } from "./failure.ts";
import { seenBuild, type BuildStage } from "./stage.ts";
import { runCommand } from "./command.ts";
import { shellQuote } from "./shell-words.ts";

/** Applies all patches in their order; throws `patch-missing` or `patch-failed`. */
export async function applyPatches(stage: BuildStage): Promise<void> {
  for (const patch of stage.input.directives.patches) await applyPatch(stage, patch);
}

async function applyPatch(stage: BuildStage, patch: string): Promise<void> {
  const words = pairWords(stage.input.pair);
  if (patch.split("/").includes("..")) {
    throw buildFailure(stage, "patch-missing", `The patch ${patch} of ${words} leads out of its directory by "..".`, {
      hint: "Patches are named relative to the module's patches directory.",
    });
  }
  if (targetKind(`${stage.workspace.build}/patches/${patch}`) !== "file") {
    throw buildFailure(stage, "patch-missing", `The patch ${patch} of ${words} does not exist.`, {
      path: `${stage.input.source}/patches/${patch}`,
      hint: `Its dkms.conf names it, so it has to be in ${stage.input.source}/patches.`,
    });
  }
  const { status, output } = await runCommand(stage, {
    description: `Applying patch ${patch}`,
    text: `patch -p1 < ./patches/${shellQuote(patch)}`,
    directory: seenBuild(stage),
    share: "one",
    slots: "outside",
  });
  if (status === 0) return;
  const hint =
    status === 127
      ? "Install the package patch."
      : "The patch does not fit the sources: the module may not support this kernel yet.";
  throw buildFailure(stage, "patch-failed", `The patch ${patch} does not apply to ${words}.`, { output, hint });
}
