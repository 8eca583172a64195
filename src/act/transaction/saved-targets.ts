/** Targets of hook programs that have not come to their end: a file for each, so that the next run can do the work of one that was killed. */
import { parseTargets, type Targets } from "../../alpm/targets.ts";
import { defaultLayout, targetsDirectory } from "../../model/machine/layout.ts";
import { callerEnvironment, processId } from "../../system/environment.ts";
import { removeFile, writeAtomically } from "../../system/writing/file-changes.ts";
import { readText } from "../../system/files/content.ts";
import { listDirectory } from "../../system/files/files.ts";
import type { HookName } from "../../model/run/hook-name.ts";

/** Here hooks/run-hook writes them, before it starts the program. */
const directory = targetsDirectory(defaultLayout);

/** What lies there: which files, and what they say by the program that was to do the work. */
export interface SavedTargets extends Readonly<Record<HookName, Targets>> {
  readonly files: readonly string[];
}

/** Reads what lies there. */
export function readSavedTargets(): SavedTargets {
  const files = savedFiles();
  const of = (name: HookName): Targets =>
    parseTargets(files.map((file) => (file.startsWith(`${name}.`) ? readText(`${directory}/${file}`) : "")).join("\n"));
  return { files, "dkms-install": of("dkms-install"), "dkms-remove": of("dkms-remove") };
}

/** Whether targets lie there. */
export function areTargetsSaved(): boolean {
  return savedFiles().length > 0;
}

/** Saves the targets of this run, unless run-hook has. */
export function saveTargets(program: HookName, text: string): void {
  if (ownTargetsFile() !== undefined) return;
  saved = `${program}.${processId()}`;
  writeAtomically(`${directory}/${saved}`, text);
}

/** Forgets the targets of this run: there is nothing to do about them, or no more. */
export function forgetOwnTargets(): void {
  const file = ownTargetsFile();
  if (file !== undefined) forgetTargets([file]);
}

/** Forgets targets that have been dealt with. */
export function forgetTargets(files: readonly string[]): void {
  for (const file of files) removeFile(`${directory}/${file}`);
}

const fileName = /^dkms-(?:install|remove)\.\d+$/;

function savedFiles(): readonly string[] {
  return listDirectory(directory).filter((name) => fileName.test(name));
}

/** What a run that run-hook did not start has saved. */
let saved: string | undefined;

/** The file in which the targets of this run are saved; undefined before they are. */
export function ownTargetsFile(): string | undefined {
  const name = callerEnvironment()["DKMS_ALPM_TARGETS"] ?? "";
  return fileName.test(name) ? name : saved;
}
