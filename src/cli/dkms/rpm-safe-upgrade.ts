/**
 * `--rpm_safe_upgrade`: rpm adds the new version of a package before it removes the old one, and both may be the same module version. A note
 * left by `add` keeps the `remove` of the same rpm run from taking away what was just added.
 */
import { moduleText, type ModuleId } from "../../model/pair.ts";
import { parentOf, parentProcess, startTimeOf } from "../../system/process/ancestors.ts";
import { makeTemporaryDirectory, removeTree, writeAtomically } from "../../system/files/file-changes.ts";
import { listDirectory, readText } from "../../system/files/files.ts";

const prefix = "dkms_rpm_safe_upgrade_lock";

/** Leaves the note that a module was added by the package manager that started us; `directory` is `tmp_location`. */
export function noteAdded(module: ModuleId, directory: string): void {
  const { pid, began } = packageManager();
  const note = makeTemporaryDirectory(`${directory}/${prefix}.${pid}.`);
  writeAtomically(`${note}/note`, `${moduleText(module)}\n${began}\n`);
}

/** Whether the package manager that started us has just added this module; its note is taken away. */
export function wasJustAdded(module: ModuleId, directory: string): boolean {
  const { pid, began } = packageManager();
  for (const name of listDirectory(directory)) {
    if (!name.startsWith(`${prefix}.${pid}.`)) continue;
    const [noted, time] = readText(`${directory}/${name}/note`)?.split("\n") ?? [];
    if (noted !== moduleText(module) || time !== began) continue;
    removeTree(`${directory}/${name}`);
    return true;
  }
  return false;
}

/** The grandparent of this process: between it and us is the shell of a package's script. */
function packageManager(): { pid: number; began: string } {
  const pid = parentOf(parentProcess());
  return { pid, began: startTimeOf(pid) };
}
