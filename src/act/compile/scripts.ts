/** PRE_BUILD and POST_BUILD: scripts that come with the module, or that the administrator has put in their place. */
import type { Script } from "../../model/conf/directives.ts";
import { moduleText, pairWords } from "../../model/pair.ts";
import { mayAccess, targetKind } from "../../system/files/files.ts";
import { buildFailure } from "./failure.ts";
import { seenBuild, type BuildStage } from "./stage.ts";
import { runCommand } from "./command.ts";
import { shellQuote } from "./shell-words.ts";

/** Runs one of the two, if the module has it; throws `script-failed` with the script's own status. */
export async function runBuildScript(stage: BuildStage, name: "pre-build" | "post-build"): Promise<void> {
  const script = stage.input.directives.scripts[name];
  if (script === undefined) return;
  const directive = name === "pre-build" ? "PRE_BUILD" : "POST_BUILD";
  const directory = placeOf(stage, script);
  if (directory === undefined) {
    const text = `The ${directive} script ${script.path} of ${moduleText(stage.input.pair.module)} is not executable; it is left out.`;
    stage.environment.tell({ kind: "note", level: "warning", text });
    return;
  }
  const text = `${shellQuote(directory)}/${script.path}${script.words === "" ? "" : ` ${script.words}`}`;
  const { status, output } = await runCommand(stage, {
    description: `Running the ${name === "pre-build" ? "pre_build" : "post_build"} script`,
    text,
    shown: `cd ${shellQuote(directory)}/ && ${text}`,
    directory,
    share: "one",
    slots: "where-asked",
    variables: jobsOfConfigure(stage),
  });
  if (status === 0) return;
  throw buildFailure(
    stage,
    "script-failed",
    `The ${directive} script ${script.path} of ${pairWords(stage.input.pair)} failed with status ${status}.`,
    { output, exitCode: status },
  );
}

/** For the configure script of ZFS, whose makes have `-j$TEST_JOBS`, or a job for each processor. Without a sandbox this is all that limits them. */
function jobsOfConfigure({ environment }: BuildStage): Readonly<Record<string, string>> {
  const { size } = environment.pool;
  return size === 0 ? {} : { TEST_JOBS: String(size) };
}

/** The directory, as the build sees it, in which the script is and runs: `/etc/dkms/M` comes before the sources. */
function placeOf(stage: BuildStage, script: Script): string | undefined {
  const override = `${stage.environment.layout.overrides}/${stage.input.pair.module.name}`;
  if (isExecutable(`${override}/${script.path}`)) return override;
  return isExecutable(`${stage.workspace.build}/${script.path}`) ? seenBuild(stage) : undefined;
}

function isExecutable(path: string): boolean {
  return targetKind(path) === "file" && mayAccess(path, "execute");
}
