/** Finds the lines of a module's makefiles that ask for the running kernel, which is rarely the one that a module is built for. */
import { join } from "node:path";
import { runningKernelLines, type RunningKernelLine } from "../../model/health/health.ts";
import { readText } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";

/** Names under which make and the kernel's build system look for a makefile. */
export const makefileNames: readonly string[] = ["GNUmakefile", "makefile", "Makefile", "Kbuild"];

/** The lines with `uname -r` in the makefiles directly in a source directory, comments left out. */
export function readRunningKernelLines(source: string): readonly RunningKernelLine[] {
  return makefileNames.flatMap((name) => {
    const path = join(source, name);
    if (targetKind(path) !== "file") return [];
    return runningKernelLines(path, readText(path) ?? "");
  });
}
