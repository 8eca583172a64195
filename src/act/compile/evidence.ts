/** Gathers what explains a command of a build that failed: its output, what it runs, and what else the machine tells. */
import { basename, join } from "node:path";
import { buildPlace, moduleDirectory, pairLog, type Layout } from "../../model/machine/layout.ts";
import { findPair, type Conf, type World } from "../../model/machine/world.ts";
import { moduleText, pairKey, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import { failedCommand } from "../../observe/build-logs.ts";
import type { ObserveContext } from "../../observe/context.ts";
import { makefileNames, readRunningKernelLines } from "../../observe/packaging/running-kernel-lines.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { runningRelease } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { fileFacts, listDirectory, listTree, targetKind } from "../../system/files/files.ts";
import { closedDoor } from "../sandbox/closed-door.ts";
import { sandboxOf, type BuildEnvironment, type BuildInput } from "./input.ts";
import { seenBuild, type BuildStage } from "./stage.ts";

/** How much of a file is read, in bytes; scripts are short. */
const longest = 262_144;

/** The evidence of a failure that has just happened. */
export function evidenceOf(stage: BuildStage, step: FailureEvidence["step"], output: string): FailureEvidence {
  const { input, environment, workspace, mode } = stage;
  const { layout, sandbox } = environment;
  const { pair, directives, source } = input;
  return {
    ...gathered({ layout, sandbox, pair, directives, isClosed: mode === "closed" }, workspace.build, output),
    step,
    runningKernelLines: readRunningKernelLines(workspace.build).map(({ path, line }) => ({
      path: path.replace(workspace.build, source),
      line,
    })),
    // What the guard builds leaves nothing behind.
    sources: sandbox.root === "/" ? seenBuild(stage) : undefined,
  };
}

/** A failure that only its log tells of. */
export interface LoggedFailure {
  readonly log: string;
  readonly evidence: FailureEvidence;
}

/** By `pairKey`, the pairs that are not installed, whose last build failed, and whose source has not changed since. */
export function readLoggedFailures(context: ObserveContext, world: World): ReadonlyMap<string, LoggedFailure> {
  const { layout } = context;
  const logs = new Set(listDirectory(layout.logs));
  const found = world.modules
    .filter(({ sourcePresent }) => sourcePresent)
    .flatMap((module) => world.kernels.map((kernel) => ({ module, pair: { module: module.id, kernel } })))
    .filter(({ pair }) => logs.has(basename(pairLog(layout, pair))) && findPair(world, pair)?.state !== "installed");
  return new Map(
    found.flatMap(({ module, pair }) => {
      const failure = loggedFailure(context, world.confs.get(pairKey(pair)), { pair, source: module.source });
      return failure === undefined ? [] : [[pairKey(pair), failure] as const];
    }),
  );
}

function loggedFailure(
  { layout, own }: ObserveContext,
  conf: Conf | undefined,
  { pair, source }: { readonly pair: Pair; readonly source: string },
): LoggedFailure | undefined {
  const log = pairLog(layout, pair);
  const failed = failedCommand(readText(log) ?? "");
  if (conf?.kind !== "valid" || failed === undefined || isNewerThan(source, log)) return undefined;
  const { directives } = conf;
  const sandbox = sandboxOf(own);
  const isClosed = sandbox.sandbox !== "no";
  const evidence: FailureEvidence = {
    ...gathered({ layout, sandbox, pair, directives, isClosed }, source, failed.output),
    step: failed.isMake ? "compiling" : "script",
    runningKernelLines: readRunningKernelLines(source),
    sources: undefined,
  };
  return { log, evidence };
}

/** Whether a source directory holds something that is younger than a log. */
function isNewerThan(source: string, log: string): boolean {
  const written = fileFacts(log)?.modified ?? 0n;
  const paths = [source, ...listTree(source).map(({ path }) => join(source, path))];
  return paths.some((path) => (fileFacts(path)?.modified ?? 0n) > written);
}

/** What both kinds of failures have in common. */
interface Failed extends Pick<BuildEnvironment, "layout" | "sandbox">, Pick<BuildInput, "pair"> {
  readonly directives: Pick<BuildInput["directives"], "make" | "scripts">;
  readonly isClosed: boolean;
}

/** `directory` holds the module's sources. */
function gathered(
  { layout, sandbox, pair, directives, isClosed }: Failed,
  directory: string,
  output: string,
): Omit<FailureEvidence, "step" | "runningKernelLines" | "sources"> {
  const { module, kernel } = pair;
  return {
    output,
    module: moduleText(module),
    release: kernel.release,
    running: runningRelease(),
    place: buildPlace(layout),
    isOffline: isClosed && sandbox.network === "no",
    commands: commandsOf(directives, directory),
    sandbox: isClosed ? closedDoor(sandbox, output, moduleDirectory(layout, module)) : undefined,
    exporterOf: (symbol) => exporterOf(layout, module, symbol),
  };
}

/** The make command, the scripts, and the makefiles in the module's directory; what stands behind a hash counts for nothing. */
function commandsOf({ make, scripts }: Failed["directives"], directory: string): string {
  const files = [...Object.values(scripts).map(({ path }) => path), ...makefileNames].map((name) =>
    join(directory, name),
  );
  const texts = files.filter((path) => targetKind(path) === "file").map((path) => readText(path, longest) ?? "");
  return [make ?? "", ...texts].join("\n").replaceAll(/(^|\s)#.*$/gm, "");
}

/** Looks through the sources of the other modules of the tree: only ever after a failure. */
function exporterOf(layout: Layout, module: ModuleId, symbol: string): string | undefined {
  const words = new RegExp(`\\bEXPORT_SYMBOL(?:_GPL|_NS|_NS_GPL)?\\s*\\(\\s*${symbol.replaceAll(".", "\\.")}\\s*[,)]`);
  const others = readTree(layout, "states").filter(({ id, sourcePresent }) => sourcePresent && !sameModule(id, module));
  const found = others.find(({ source }) =>
    listTree(source).some(
      ({ path, kind }) => kind === "file" && path.endsWith(".c") && words.test(readText(join(source, path)) ?? ""),
    ),
  );
  return found === undefined ? undefined : moduleText(found.id);
}
