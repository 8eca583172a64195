/** Builds one pair, from its sources to the result in the tree. */
import { DkmsError } from "../../model/errors.ts";
import { resultDirectory, type Layout } from "../../model/machine/layout.ts";
import { moduleText, pairWords, type Pair } from "../../model/pair.ts";
import { copyAtomically } from "../../system/writing/copies.ts";
import { makeDirectory } from "../../system/writing/file-changes.ts";
import { fileKind } from "../../system/files/files.ts";
import { syncTree } from "../../system/writing/sync-tree.ts";
import type { BuildEnvironment, BuildInput } from "./input.ts";
import { buildFailure } from "./failure.ts";
import { seenBuild, tellPhase, type BuildStage } from "./stage.ts";
import { runCommand } from "./command.ts";
import { makeCommand } from "./make-command.ts";
import { openMakeLog } from "./make-log.ts";
import { applyPatches } from "./patches.ts";
import { publish } from "./publish.ts";
import { importBuilt, importHanded, requireObjects } from "./results.ts";
import { handOver, letThrough } from "../sandbox/hand-over.ts";
import { chooseMode, type Mode } from "../sandbox/probe.ts";
import { runBuildScript } from "./scripts.ts";
import { copySources, requireSources } from "./sources.ts";
import {
  clearBuildDirectory,
  clearWorkspace,
  keepFailedBuild,
  keepLog,
  makeWorkspace,
  renewHanded,
  type Workspace,
} from "./workspace.ts";

/**
 * Builds a pair; when it returns, `K/A` is the new result. Until then a result that was there before stays. Throws DkmsError with the pair, the
 * log, the lines that tell why and a hint: `source-empty`, `patch-missing`, `patch-failed`, `script-failed` (the script's status in
 * `facts.exitCode`), `make-failed`, `object-missing`, `object-foreign`, `file-failed`, `interrupted`; `module-not-added` when the module was removed meanwhile.
 */
export async function buildPair(input: BuildInput, environment: BuildEnvironment): Promise<void> {
  requireSources(input);
  const mode = await chooseMode(environment.sandbox, environment.tell);
  if (mode === "closed") return buildIn(mode, input, environment);
  return oneAtATime(moduleText(input.pair.module), () => buildIn(mode, input, environment));
}

async function buildIn(mode: Mode, input: BuildInput, environment: BuildEnvironment): Promise<void> {
  if (environment.signal.aborted) throw new DkmsError("interrupted", "Interrupted.");
  const { layout } = environment;
  const { pair } = input;
  const workspace = attemptWorkspace(layout, pair, mode);
  try {
    const log = openMakeLog(workspace.log, pair, environment.program);
    const stage: BuildStage = { input, environment, mode, workspace, log };
    tellPhase(stage, "preparing");
    try {
      await make(stage);
      keepEvidence(stage, () => clearBuildDirectory(layout, pair));
    } catch (error) {
      const isInterrupted = error instanceof DkmsError && error.code === "interrupted";
      if (!isInterrupted) keepEvidence(stage, () => keepFailedBuild(layout, pair, workspace));
      throw error;
    } finally {
      log.close();
      keepEvidence(stage, () => keepLog(layout, pair, workspace.log));
    }
  } finally {
    await clearWorkspace(workspace);
  }
}

/** A place to build in; without one the reference exits with 15. */
function attemptWorkspace(layout: Layout, pair: Pair, mode: Mode): Workspace {
  try {
    return makeWorkspace(layout, pair, mode);
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    throw new DkmsError(error.code, error.message, { ...error.facts, exitCode: 15 }, error);
  }
}

async function make(stage: BuildStage): Promise<void> {
  const { input, environment, workspace } = stage;
  await copySources(stage);
  await giveTo(stage, [workspace.build, workspace.temporary, workspace.handed, workspace.log]);
  await applyPatches(stage);
  if (input.directives.scripts["pre-build"] !== undefined) tellPhase(stage, "configuring");
  await runBuildScript(stage, "pre-build");
  const output = await runMake(stage);
  const failure = await collect(stage, output);
  tellPhase(stage, "finishing");
  await environment.finish(requireObjects(stage, workspace.staged));
  seal(stage);
  publish(workspace.staged, resultDirectory(environment.layout, input.pair)).commit();
  if (failure !== undefined) throw failure;
}

/** Lets the build work in directories of its own, where it runs as another user. */
async function giveTo({ mode, workspace }: BuildStage, paths: readonly string[]): Promise<void> {
  if (mode === "plain") return;
  letThrough(workspace.directory);
  await handOver(paths);
}

/**
 * Imports what was built into the staged result, with a turn for POST_BUILD between. After a POST_BUILD that fails the module counts as built, as with the
 * reference, if all of it is there: its error is returned then. Only a result that was there before is worth more: it was finished.
 */
async function collect(stage: BuildStage, output: string): Promise<DkmsError | undefined> {
  const { input, environment, workspace, mode } = stage;
  const { handed, staged } = workspace;
  // What a plain build has put at `K/A` is at its final place already: it is the result of another day.
  if (input.directives.scripts["post-build"] === undefined) {
    importBuilt(stage, { made: mode === "closed" ? handed : undefined, to: staged, output });
    return undefined;
  }
  importBuilt(stage, { made: mode === "closed" ? renewHanded(workspace) : undefined, to: handed, output });
  await giveTo(stage, [handed]);
  const result = resultDirectory(environment.layout, input.pair);
  const isFirst = fileKind(result) === "none";
  const failure = await (mode === "closed" ? postBuild(stage) : postBuildInPlace(stage, result));
  if (failure === undefined) {
    importHanded(stage, handed, staged);
    return undefined;
  }
  if (!isFirst || !isComplete(stage)) throw failure;
  return failure;
}

/** Whether what a POST_BUILD that failed has left is a result all the same; it is the script's failure that is told. */
function isComplete(stage: BuildStage): boolean {
  const { handed, staged } = stage.workspace;
  try {
    importHanded(stage, handed, staged);
    requireObjects(stage, staged);
    return true;
  } catch (error) {
    if (error instanceof DkmsError) return false;
    throw error;
  }
}

/** Runs POST_BUILD; returns its failure. */
async function postBuild(stage: BuildStage): Promise<DkmsError | undefined> {
  try {
    await runBuildScript(stage, "post-build");
    return undefined;
  } catch (error) {
    if (error instanceof DkmsError && error.code === "script-failed") return error;
    throw error;
  }
}

/** Without a sandbox the script finds the result at its final place only if it is there for as long as it runs. */
async function postBuildInPlace(stage: BuildStage, result: string): Promise<DkmsError | undefined> {
  const publication = publish(stage.workspace.handed, result);
  try {
    return await postBuild(stage);
  } finally {
    publication.takeBack(stage.workspace.handed);
  }
}

/** A log that cannot be kept (the disk is full), or an old one that cannot be removed, must neither hide the reason of a failure nor spoil a success. */
function keepEvidence(stage: BuildStage, keep: () => void): void {
  try {
    keep();
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    stage.environment.tell({ kind: "note", level: "warning", text: error.message });
  }
}

/** Runs the make command; throws `make-failed`, returns its output. */
async function runMake(stage: BuildStage): Promise<string> {
  const { input, environment } = stage;
  const { release } = input.pair.kernel;
  const command = makeCommand({
    configured: input.directives.make,
    kernelSource: input.kernelSource,
    buildDirectory: seenBuild(stage),
    release,
    llvm: input.facts.llvm,
    poolSize: environment.pool.size,
  });
  const description = "Building module(s)";
  tellPhase(stage, "compiling");
  const { status, output } = await runCommand(stage, { description, ...command, directory: seenBuild(stage) });
  if (status === 0) return output;
  throw buildFailure(
    stage,
    "make-failed",
    `Building ${pairWords(input.pair)} failed: make exited with status ${status}.`,
    { output },
  );
}

/** The last touch to a result: the log is in it, and the disk has all of it. */
function seal({ workspace }: BuildStage): void {
  makeDirectory(`${workspace.staged}/log`);
  copyAtomically(workspace.log, `${workspace.staged}/log/make.log`);
  syncTree(workspace.staged);
}

const turns = new Map<string, Promise<unknown>>();

/** Plain builds of one module share `M/V/build`. */
function oneAtATime(key: string, work: () => Promise<void>): Promise<void> {
  const turn = (turns.get(key) ?? Promise.resolve()).then(work);
  turns.set(
    key,
    turn.catch(() => undefined),
  );
  return turn;
}
