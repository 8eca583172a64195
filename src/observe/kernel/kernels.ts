/** Reads the kernels of the machine: one for every directory of the install tree. */
import { join } from "node:path";
import type { Layout } from "../../model/machine/layout.ts";
import { kernelDirectory } from "../../model/machine/layout.ts";
import { architecture, kernelRelease, nameFault, type Arch, type Release } from "../../model/names.ts";
import type { KernelId } from "../../model/pair.ts";
import type { Kernel } from "../../model/machine/world.ts";
import { readText } from "../../system/files/content.ts";
import { listEntries, targetKind } from "../../system/files/files.ts";
import { machineArchitecture, runningRelease } from "../../system/environment.ts";

/** The kernel that runs. */
export function runningKernel(): KernelId {
  return { release: kernelRelease(runningRelease()), arch: architecture(machineArchitecture()) };
}

/** Every kernel below the install tree, sorted by release; names that cannot be a release are passed over. */
export function readKernels(layout: Layout, arch: Arch): readonly Kernel[] {
  return listEntries(layout.installTree)
    .filter(({ name, kind }) => kind === "directory" && nameFault(name) === undefined)
    .map(({ name }) => readKernel(layout, { release: name as Release, arch }));
}

/** One kernel, present or not. */
export function readKernel(layout: Layout, id: KernelId): Kernel {
  const directory = kernelDirectory(layout, id.release);
  return { ...id, pkgbase: readPkgbase(directory), modules: readModules(directory), headers: findHeaders(directory) };
}

/** The package that a kernel comes from: one line in its file `pkgbase`, which Arch's kernel packages own. */
function readPkgbase(directory: string): string | undefined {
  const line = readText(join(directory, "pkgbase"))?.split("\n", 1)[0]?.trim();
  return line === undefined || nameFault(line) !== undefined ? undefined : line;
}

function readModules(directory: string): Kernel["modules"] {
  if (targetKind(directory) !== "directory") return "absent";
  const present =
    targetKind(join(directory, "kernel")) === "directory" || targetKind(join(directory, "modules.order")) === "file";
  return present ? "present" : "leftover";
}

/** The build directory counts when it holds `include/`; `source` is where older distributions keep it. */
function findHeaders(directory: string): string | undefined {
  return [join(directory, "build"), join(directory, "source")].find(
    (candidate) => targetKind(join(candidate, "include")) === "directory",
  );
}
