/** The walk of `dkms-hookgen`: hook files that are written, listed or checked. */
import { listHooks } from "../../decide/hookgen/list.ts";
import { readHookFiles } from "../../observe/pacman/hook-files.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { workingDirectory } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { targetKind } from "../../system/files/files.ts";
import { printable } from "../../tell/errors.ts";
import { absolutePath } from "../frame/given-paths.ts";
import { usageError } from "../frame/usage.ts";
import type { HookgenArguments } from "./options.ts";
import { existingHooks } from "./files.ts";

/** Returns 0, or 1 when a file was refused or has an error. */
export async function runHookgen(given: HookgenArguments): Promise<number> {
  switch (given.kind) {
    case "list":
      return list(given, (await hookDirectories(given)).at(-1) ?? "");
    case "lint": {
      const { lintHooks } = await import("./lint.ts");
      return lintHooks(given, given.files.length > 0 ? [] : await hookDirectories(given));
    }
    case "write":
    case "remove": {
      const { changeHooks, printHooks } = await import("./change.ts");
      if (given.kind === "write" && given.to === "stdout") return printHooks(given);
      const directories = await hookDirectories(given);
      if (given.kind === "write" && !given.force) {
        const { refuseUnknownNames } = await import("./check.ts");
        await refuseUnknownNames(given);
      }
      return changeHooks(given, directories);
    }
  }
}

/** The directory of the command line takes the place of all that pacman.conf names, as pacman's own --hookdir does. */
async function hookDirectories(given: HookgenArguments): Promise<readonly string[]> {
  const directories = await givenDirectories(given);
  if (given.verbose) writeLine("err", printable(`==> Directories of hooks: ${directories.join(", ")}`));
  return directories;
}

async function givenDirectories({ hookDirectory }: HookgenArguments): Promise<readonly string[]> {
  if (hookDirectory !== undefined) {
    const path = absolutePath(hookDirectory, workingDirectory());
    if (targetKind(path) !== "directory") throw usageError(`There is no directory ${path}.`);
    return [path];
  }
  return (await readPacmanSettings()).hookDirectories;
}

function list(given: Extract<HookgenArguments, { kind: "list" }>, directory: string): number {
  const hooks = listHooks(existingHooks(readHookFiles(directory)));
  if (given.json) writeLine("out", JSON.stringify({ format: 1, hooks }, undefined, 2));
  else {
    for (const { name, modules, state } of hooks) {
      writeLine("out", printable(`${name}: ${modules.length === 0 ? "no module" : modules.join(", ")}; ${state}`));
    }
  }
  return 0;
}
