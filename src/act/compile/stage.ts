/** A build under way: what it was given, where it works, and how it fails. */
import { DkmsError, type ErrorCode } from "../../model/errors.ts";
import { buildDirectory, moduleDirectory, pairLog } from "../../model/machine/layout.ts";
import { kernelText, moduleText } from "../../model/pair.ts";
import type { BuildEnvironment, BuildInput } from "./input.ts";
import { closedDoor } from "../sandbox/closed-door.ts";
import { excerptOf } from "./excerpt.ts";
import type { MakeLog } from "./make-log.ts";
import type { Mode } from "../sandbox/probe.ts";
import type { Workspace } from "./workspace.ts";

/** A build under way. */
export interface BuildStage {
  readonly input: BuildInput;
  readonly environment: BuildEnvironment;
  readonly mode: Mode;
  readonly workspace: Workspace;
  readonly log: MakeLog;
}

/** Where the build's own commands see their sources: always the path that every conf expects. */
export function seenBuild({ input, environment }: BuildStage): string {
  return buildDirectory(environment.layout, input.pair.module);
}

/** What is known about a failure besides its sentence. */
export interface FailureDetails {
  /** What the failed command has written. */
  readonly output?: string;
  readonly hint?: string;
  readonly exitCode?: number;
  readonly path?: string;
}

/** The error of a build that failed: with the first lines that tell why, the log, and what can be done. */
export function buildFailure(
  stage: BuildStage,
  code: ErrorCode,
  sentence: string,
  details: FailureDetails = {},
): DkmsError {
  const { pair } = stage.input;
  const output = details.output ?? "";
  const excerpt = excerptOf(output);
  const closed =
    stage.mode === "closed"
      ? closedDoor(stage.environment.sandbox, output, moduleDirectory(stage.environment.layout, pair.module))
      : undefined;
  const hint = closed?.hint ?? details.hint;
  return new DkmsError(code, closed === undefined ? sentence : `${sentence} ${closed.sentence}`, {
    module: moduleText(pair.module),
    kernel: kernelText(pair.kernel),
    log: pairLog(stage.environment.layout, pair),
    ...(details.path === undefined ? {} : { path: details.path }),
    ...(excerpt.length === 0 ? {} : { excerpt }),
    ...(hint === undefined ? {} : { hint }),
    ...(details.exitCode === undefined ? {} : { exitCode: details.exitCode }),
  });
}
