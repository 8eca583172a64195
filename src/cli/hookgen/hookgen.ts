/** `dkms-hookgen`: the walk from its command line to hook files that are written, listed or checked. */
import { listHooks } from "../../decide/hookgen/list.ts";
import { projectVersion } from "../../model/project.ts";
import { readHookFiles } from "../../observe/pacman/hook-files.ts";
import { readPacmanSettings } from "../../observe/pacman/pacman-settings.ts";
import { setUmask, workingDirectory } from "../../system/environment.ts";
import { write, writeLine } from "../../system/output.ts";
import { printable } from "../../tell/errors.ts";
import { absolutePath } from "../frame/given-paths.ts";
import { guarded } from "../frame/guarded.ts";
import { hookgenProgram, parseHookgenArguments, type HookgenArguments } from "./options.ts";
import { existingHooks } from "./files.ts";
import { helpText } from "../frame/option-table.ts";

/** Runs `dkms-hookgen` with the words after its name; returns 0, 1 when a file was refused or has an error, 2 for a wrong command line. */
export function hookgen(argv: readonly string[]): Promise<number> {
  return guarded(async () => {
    setUmask();
    const given = parseHookgenArguments(argv);
    switch (given.kind) {
      case "help":
        write("out", helpText(hookgenProgram));
        return 0;
      case "version":
        writeLine("out", `dkms-hookgen ${projectVersion}`);
        return 0;
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
        return changeHooks(given, (await hookDirectories(given)).at(-1) ?? "");
      }
    }
  });
}

/** The directory of the command line takes the place of all that pacman.conf names, as pacman's own --hookdir does. */
async function hookDirectories(given: { readonly hookDirectory: string | undefined }): Promise<readonly string[]> {
  const { hookDirectory } = given;
  if (hookDirectory !== undefined) return [absolutePath(hookDirectory, workingDirectory())];
  return (await readPacmanSettings()).hookDirectories;
}

function list(given: Extract<HookgenArguments, { kind: "list" }>, directory: string): number {
  const hooks = listHooks(existingHooks(readHookFiles(directory)));
  if (given.json === "yes") writeLine("out", JSON.stringify(hooks, undefined, 2));
  else {
    for (const { name, modules, state } of hooks) {
      writeLine("out", printable(`${name}: ${modules.length === 0 ? "no module" : modules.join(", ")}; ${state}`));
    }
  }
  return 0;
}
