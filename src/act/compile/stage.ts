/** A build under way: what it was given, where it works, and how far it is. */
import { buildDirectory } from "../../model/machine/layout.ts";
import type { BuildPhase } from "../../model/run/outcome.ts";
import type { BuildEnvironment, BuildInput } from "./input.ts";
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

/** Tells how far the build has got. */
export function tellPhase({ input, environment, log }: BuildStage, phase: BuildPhase): void {
  environment.tell({ kind: "phase", pair: input.pair, phase, log: log.path, source: input.source });
}
