/** Reads what explains a command of a build that failed. */
import { join } from "node:path";
import type { Directives } from "../../model/conf/directives.ts";
import { buildPlace, moduleDirectory, type Layout } from "../../model/machine/layout.ts";
import { moduleText, sameModule, type ModuleId, type Pair } from "../../model/pair.ts";
import type { FailureEvidence } from "../../model/run/failure-evidence.ts";
import type { SandboxSettings } from "../../model/settings/sandbox-settings.ts";
import { runningRelease } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { listTree, targetKind } from "../../system/files/files.ts";
import { makefileNames } from "../packaging/running-kernel-lines.ts";
import { readTree } from "../tree/tree.ts";
import { closedDoor } from "./closed-door.ts";

/** How much of a file is read, in bytes; scripts are short. */
const longest = 262_144;

/** A command of a build that has failed. */
export interface FailedCommand {
  readonly layout: Layout;
  readonly sandbox: SandboxSettings;
  readonly pair: Pair;
  readonly directives: Pick<Directives, "make" | "scripts">;
  readonly isClosed: boolean;
}

/** What explains it: its output, what it runs, and what else the machine tells. `directory` holds the module's sources. */
export function readEvidence(
  { layout, sandbox, pair, directives, isClosed }: FailedCommand,
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
function commandsOf({ make, scripts }: FailedCommand["directives"], directory: string): string {
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
