/** Gathers what explains a command of a build that failed: its output, what it runs, and what else the machine tells. */
import { join } from "node:path";
import { buildPlace, moduleDirectory } from "../../model/machine/layout.ts";
import { moduleText, sameModule } from "../../model/pair.ts";
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import { makefileNames, readRunningKernelLines } from "../../observe/packaging/running-kernel-lines.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { runningRelease } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { listTree, targetKind } from "../../system/files/files.ts";
import { closedDoor } from "../sandbox/closed-door.ts";
import { seenBuild, type BuildStage } from "./stage.ts";

/** How much of a file is read, in bytes; scripts are short. */
const longest = 262_144;

/** The evidence of a failure. */
export function evidenceOf(stage: BuildStage, step: FailureEvidence["step"], output: string): FailureEvidence {
  const { input, environment, workspace, mode } = stage;
  const { layout, sandbox } = environment;
  const { module, kernel } = input.pair;
  const isClosed = mode === "closed";
  return {
    output,
    step,
    module: moduleText(module),
    release: kernel.release,
    running: runningRelease(),
    place: buildPlace(layout),
    isOffline: isClosed && sandbox.network === "no",
    commands: commandsOf(stage),
    runningKernelLines: readRunningKernelLines(workspace.build).map(({ path, line }) => ({
      path: path.replace(workspace.build, input.source),
      line,
    })),
    sandbox: isClosed ? closedDoor(sandbox, output, moduleDirectory(layout, module)) : undefined,
    exporterOf: (symbol) => exporterOf(stage, symbol),
    // What the guard builds leaves nothing behind.
    sources: sandbox.root === "/" ? seenBuild(stage) : undefined,
  };
}

/** The make command, the scripts, and the makefiles in the module's directory; what stands behind a hash counts for nothing. */
function commandsOf({ input, workspace }: BuildStage): string {
  const { make, scripts } = input.directives;
  const files = [...Object.values(scripts).map(({ path }) => path), ...makefileNames].map((name) =>
    join(workspace.build, name),
  );
  const texts = files.filter((path) => targetKind(path) === "file").map((path) => readText(path, longest) ?? "");
  return [make ?? "", ...texts].join("\n").replaceAll(/(^|\s)#.*$/gm, "");
}

/** Looks through the sources of the other modules of the tree: only ever after a failure. */
function exporterOf({ input, environment }: BuildStage, symbol: string): string | undefined {
  const words = new RegExp(`\\bEXPORT_SYMBOL(?:_GPL|_NS|_NS_GPL)?\\s*\\(\\s*${symbol.replaceAll(".", "\\.")}\\s*[,)]`);
  const others = readTree(environment.layout, "states").filter(
    ({ id, sourcePresent }) => sourcePresent && !sameModule(id, input.pair.module),
  );
  const found = others.find(({ source }) =>
    listTree(source).some(
      ({ path, kind }) => kind === "file" && path.endsWith(".c") && words.test(readText(join(source, path)) ?? ""),
    ),
  );
  return found === undefined ? undefined : moduleText(found.id);
}
