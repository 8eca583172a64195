/** What explains a command of a build that has just failed. */
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import { readEvidence } from "../../observe/failures/evidence.ts";
import { readRunningKernelLines } from "../../observe/packaging/running-kernel-lines.ts";
import { seenBuild, type BuildStage } from "./stage.ts";

/** The evidence of a failure that has just happened. */
export function evidenceOf(stage: BuildStage, step: FailureEvidence["step"], output: string): FailureEvidence {
  const { input, environment, workspace, mode } = stage;
  const { layout, sandbox } = environment;
  const { pair, directives, source } = input;
  return {
    ...readEvidence({ layout, sandbox, pair, directives, isClosed: mode === "closed" }, workspace.build, output),
    step,
    runningKernelLines: readRunningKernelLines(workspace.build).map(({ path, line }) => ({
      path: path.replace(workspace.build, source),
      line,
    })),
    // What the guard builds leaves nothing behind.
    sources: sandbox.root === "/" ? seenBuild(stage) : undefined,
  };
}
