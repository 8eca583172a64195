/** The error of a build that failed: with the first lines that tell why, the log, and what can be done. */
import { DkmsError, type ErrorCode } from "../../model/errors.ts";
import { pairLog } from "../../model/machine/layout.ts";
import { kernelText, moduleText } from "../../model/pair.ts";
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import { evidenceOf } from "./evidence.ts";
import { excerptOf } from "../../observe/failures/excerpt.ts";
import type { BuildStage } from "./stage.ts";

/** What is known about a failure besides its sentence. */
interface FailureDetails {
  /** What the failed command has written. */
  readonly output?: string;
  /** What can be done where nothing in the output says it better. */
  readonly hint?: string;
  readonly exitCode?: number;
  readonly path?: string;
}

const steps: Partial<Record<ErrorCode, FailureEvidence["step"]>> = {
  "make-failed": "compiling",
  "object-missing": "result",
};

/** Makes the error; its hint is that of the first rule that explains the output. */
export function buildFailure(
  stage: BuildStage,
  code: ErrorCode,
  sentence: string,
  details: FailureDetails = {},
): DkmsError {
  const { input, environment } = stage;
  const { pair } = input;
  const { output, path, exitCode } = details;
  const excerpt = excerptOf(output ?? "");
  const found =
    output === undefined ? undefined : environment.explain?.(evidenceOf(stage, steps[code] ?? "script", output));
  const hint = found?.hint ?? details.hint;
  return new DkmsError(code, found?.sentence === undefined ? sentence : `${sentence} ${found.sentence}`, {
    module: moduleText(pair.module),
    kernel: kernelText(pair.kernel),
    log: pairLog(environment.layout, pair),
    ...(path === undefined ? {} : { path }),
    ...(excerpt.length === 0 ? {} : { excerpt }),
    ...(hint === undefined ? {} : { hint }),
    ...(exitCode === undefined ? {} : { exitCode }),
  });
}
