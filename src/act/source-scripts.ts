/** Runs the scripts of a module that belong to adding, installing and removing it: from its source, or from the copies kept of it. */
import { join } from "node:path";
import { DkmsError } from "../model/errors.ts";
import type { Directives, Script, ScriptName } from "../model/conf/directives.ts";
import { keptDirectory, sourceLink } from "../model/machine/layout.ts";
import { moduleText, type KernelId, type ModuleId } from "../model/pair.ts";
import { removeTree, writeAtomically } from "../system/writing/file-changes.ts";
import { readText } from "../system/files/content.ts";
import { fileKind, mayAccess, targetKind } from "../system/files/files.ts";
import { noteUnexpected } from "../system/files/unexpected.ts";
import { copyFileInto } from "../system/writing/copies.ts";
import { run } from "../system/process/processes.ts";
import type { ActContext } from "./context.ts";

/** Scripts that run outside of a build. */
type SourceScriptName = Extract<ScriptName, "post-add" | "pre-install" | "post-install" | "post-remove">;

/** Which script of which module, and for which kernel when it is about one. */
export interface SourceScriptOrder {
  readonly name: SourceScriptName;
  readonly module: ModuleId;
  readonly kernel?: KernelId;
  /** Undefined when the source was removed: then the kept copies tell. */
  readonly directives: Directives | undefined;
}

/** Runs a script if the module has it; returns its status, 0 when there is none or when it cannot be executed, which is a warning. */
export async function runSourceScript(order: SourceScriptOrder, context: ActContext): Promise<number> {
  const { name, module, kernel, directives } = order;
  const { layout, tell, signal } = context;
  const found =
    directives === undefined
      ? readKept(context, module, name)
      : locate(directives.scripts[name], join(layout.overrides, module.name), sourceLink(layout, module));
  if (found === undefined) return 0;
  const { script, directory } = found;
  if (targetKind(join(directory, script.path)) !== "file" || !mayAccess(join(directory, script.path), "execute")) {
    const text = `The ${name} script of ${moduleText(module)}, ${join(directory, script.path)}, is not executable: it is passed over.`;
    tell({ kind: "note", level: "warning", text });
    return 0;
  }
  tell({ kind: "note", level: "message", text: `Running the ${name} script of ${moduleText(module)}` });
  // The arguments are split at blanks and globbed, as the reference does; the path itself is never split.
  const { status, stdout, stderr } = await run(
    ["bash", "--norc", "--noprofile", "-c", 'exec "./$0" $1', script.path, script.words],
    {
      cwd: directory,
      signal,
      environment: scriptVariables(module, kernel),
      timeoutSeconds: context.own.timeLimit.value,
    },
  );
  for (const line of lines(stdout)) tell({ kind: "output", stream: "out", text: line });
  for (const line of lines(stderr)) tell({ kind: "output", stream: "err", text: line });
  return status;
}

/** The error for a script whose failure ends what it belongs to. */
export function scriptFailed(order: SourceScriptOrder, status: number, exitCode: number): DkmsError {
  const text = moduleText(order.module);
  return new DkmsError("script-failed", `The ${order.name} script of ${text} failed with status ${status}.`, {
    module: text,
    exitCode,
    ...(order.kernel === undefined ? {} : { kernel: order.kernel.release }),
    ...(order.name === "pre-install" ? { hint: "--force installs in spite of it." } : {}),
  });
}

/** Keeps conf and removal script of an installed module: pacman deletes its source before we can remove the module. */
export function keepRemovalScript(context: ActContext, module: ModuleId, directives: Directives): void {
  const kept = keptDirectory(context.layout, module);
  const found = locate(
    directives.scripts["post-remove"],
    join(context.layout.overrides, module.name),
    sourceLink(context.layout, module),
  );
  if (found === undefined) {
    removeTree(kept);
    return;
  }
  const { script, directory } = found;
  if (targetKind(join(directory, script.path)) !== "file") return;
  copyFileInto(join(directory, script.path), join(kept, script.path));
  const conf = join(sourceLink(context.layout, module), "dkms.conf");
  if (targetKind(conf) === "file") copyFileInto(conf, join(kept, "dkms.conf"));
  // Written last: without it nothing here counts.
  writeAtomically(join(kept, "post-remove.json"), `${JSON.stringify(script)}\n`);
}

interface Located {
  readonly script: Script;
  readonly directory: string;
}

/** An administrator's script of the same name in /etc/dkms/M replaces the module's own. */
function locate(script: Script | undefined, overrides: string, source: string): Located | undefined {
  if (script === undefined) return undefined;
  const override = join(overrides, script.path);
  const isOverridden = fileKind(override) === "file" && mayAccess(override, "execute");
  return { script, directory: isOverridden ? overrides : source };
}

function readKept({ layout }: ActContext, module: ModuleId, name: SourceScriptName): Located | undefined {
  if (name !== "post-remove") return undefined;
  const directory = keptDirectory(layout, module);
  const file = join(directory, "post-remove.json");
  const text = readText(file);
  if (text === undefined) return undefined;
  const script = parseJson(text);
  if (isScript(script)) return { script, directory };
  noteUnexpected(`${file} is damaged: the ${name} script of ${moduleText(module)} is not run.`);
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isScript(value: unknown): value is Script {
  return (
    typeof value === "object" &&
    value !== null &&
    "path" in value &&
    typeof value.path === "string" &&
    "words" in value &&
    typeof value.words === "string"
  );
}

function scriptVariables(module: ModuleId, kernel: KernelId | undefined): Record<string, string> {
  const variables = { module: module.name, module_version: module.version };
  return kernel === undefined ? variables : { ...variables, kernelver: kernel.release, arch: kernel.arch };
}

function lines(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
