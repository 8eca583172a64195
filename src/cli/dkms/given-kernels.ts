/** Kernels on a command line: `-k release[/arch]`, `-a arch`, `--all`. */
import { vercmp } from "../../alpm/vercmp.ts";
import { DkmsError } from "../../model/errors.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import { architecture, kernelRelease } from "../../model/names.ts";
import type { KernelId } from "../../model/pair.ts";
import type { KernelChoice } from "../../model/run/request.ts";
import { readKernels } from "../../observe/kernel/kernels.ts";
import { machineArchitecture, runningRelease } from "../../system/environment.ts";
import { targetKind } from "../../system/files/files.ts";
import { usageError } from "../frame/usage.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";

/** The words of -k and --templatekernel with the name of a package, `linux`, replaced by the release of its newest kernel; a release stays what it is. */
export function withReleases(given: ParsedArguments, layout: Layout): ParsedArguments {
  const options = ["kernelver", "templatekernel"];
  const named = options.flatMap((name) => given.values(name));
  const isOpen = (word: string): boolean => word !== "" && targetKind(kernelDirectory(layout, word)) === "none";
  if (!named.some((value) => isOpen(value.split("/", 1)[0] ?? ""))) return given;
  const kernels = readKernels(layout, architecture(machineArchitecture()));
  const resolved = (value: string): string => {
    const [word = "", ...rest] = value.split("/");
    const own = kernels.filter(({ pkgbase, modules }) => pkgbase === word && modules === "present");
    const [newest] = own.toSorted((a, b) => vercmp(b.release, a.release));
    return isOpen(word) && newest !== undefined ? [newest.release, ...rest].join("/") : value;
  };
  const values = (name: string): readonly string[] =>
    options.includes(name) ? given.values(name).map(resolved) : given.values(name);
  return { ...given, values, value: (name) => values(name).at(-1) };
}

/** The kernels that a command line names; the running one when there are none. Throws `usage` with the reference's exit statuses. */
function namedKernels(given: ParsedArguments): readonly KernelId[] {
  const releases: string[] = [];
  const arches: string[] = [];
  for (const value of given.values("kernelver")) {
    const [release = "", arch] = value.split("/", 2);
    if (release === "") throw new DkmsError("usage", "-k was given an empty kernel release.", { exitCode: 16 });
    releases.push(release);
    if (arch !== undefined) arches.push(arch);
  }
  arches.push(...given.values("arch"));
  if (arches.includes("")) throw new DkmsError("usage", "-a was given an empty architecture.", { exitCode: 16 });
  if (releases.length === 0) releases.push(runningRelease());
  if (arches.length > 1 && arches.length !== releases.length) {
    const message = `${arches.length} architectures for ${releases.length} kernels: with more than one, each kernel needs its own.`;
    throw new DkmsError("usage", message, { exitCode: 1 });
  }
  return releases.map((release, index) => ({
    release: kernelRelease(release),
    arch: architecture(arches[index] ?? arches[0] ?? machineArchitecture()),
  }));
}

/** The kernels of a command that takes several, or `--all`. */
export function kernelChoice(given: ParsedArguments): KernelChoice {
  if (!given.has("all")) return { kind: "these", kernels: namedKernels(given) };
  if (given.values("kernelver").length > 0) throw usageError("--all and -k exclude each other.");
  if (given.values("arch").length > 0) {
    throw new DkmsError("usage", "--all and -a exclude each other.", { exitCode: 3 });
  }
  return { kind: "all" };
}

/** Refuses `--all` where it makes no sense. */
export function refuseAll(command: string, given: ParsedArguments): void {
  if (given.has("all")) throw new DkmsError("usage", `dkms ${command} does not take --all.`, { exitCode: 5 });
}

/** The kernel of a command that works for one at a time: the one named, or the running one. */
export function onlyKernel(command: string, given: ParsedArguments): KernelId {
  refuseAll(command, given);
  const kernels = namedKernels(given);
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1) {
    throw new DkmsError("usage", `dkms ${command} works for one kernel at a time.`, { exitCode: 4 });
  }
  return kernel;
}

/** The kernel of a command that a kernel package's hook calls: it must be named. */
export function givenKernel(command: string, given: ParsedArguments): KernelId {
  refuseAll(command, given);
  if (given.values("kernelver").length !== 1) {
    throw new DkmsError("usage", `dkms ${command} needs exactly one kernel: -k RELEASE`, { exitCode: 4 });
  }
  return onlyKernel(command, given);
}
