/** Turns a `dkms` command line into a request. */
import { dirname } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { kernelRelease, moduleName, moduleVersion, nameFault } from "../../model/names.ts";
import type { ModuleId } from "../../model/pair.ts";
import type { Request } from "../../model/run/request.ts";
import { identifySource } from "../../observe/tree/identify.ts";
import { unclaimedSources } from "../../observe/tree/sources.ts";
import { readTree } from "../../observe/tree/tree.ts";
import { workingDirectory } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { absolutePath } from "../frame/given-paths.ts";
import { givenModule } from "./given-module.ts";
import { givenKernel, kernelChoice, onlyKernel, refuseAll } from "./given-kernels.ts";
import { usageError } from "../frame/usage.ts";
import type { ParsedArguments } from "../frame/parse-arguments.ts";
import type { Settings } from "../frame/settings.ts";

const plannedCommands = [
  "add",
  "autoinstall",
  "build",
  "install",
  "kernel_postinst",
  "kernel_preinst",
  "kernel_prerm",
  "match",
  "remove",
  "unbuild",
  "uninstall",
] as const;

/** Commands that become a request to the planner. */
type PlannedCommand = (typeof plannedCommands)[number];

/** Whether a command is one of these. */
export function isPlanned(name: string): name is PlannedCommand {
  return plannedCommands.some((planned) => planned === name);
}

/** The request that a command line makes; throws `usage`, `module-not-given`, `bad-name`, `conf-missing` or `conf-invalid`. */
export async function commandRequest(
  name: PlannedCommand,
  given: ParsedArguments,
  settings: Settings,
): Promise<Request> {
  const force = given.has("force");
  switch (name) {
    case "autoinstall":
      return { kind: "autoinstall", kernel: onlyKernel(name, given) };
    case "kernel_postinst":
      return { kind: "autoinstall", kernel: givenKernel(name, given) };
    case "kernel_preinst":
      return { kind: "clear-kernel", kernel: givenKernel(name, given), modules: "autoinstall" };
    case "kernel_prerm":
      return { kind: "clear-kernel", kernel: givenKernel(name, given), modules: "all" };
    case "match":
      return matchRequest(given, { force });
    case "add":
      refuseAll(name, given);
      return { kind: "add", ...(await wantedModule(name, given, settings)), force };
    case "build":
    case "install": {
      const kernels = kernelChoice(given);
      return { kind: name, ...(await wantedModule(name, given, settings)), kernels, force };
    }
    case "uninstall":
    case "unbuild":
    case "remove":
      return { kind: name, module: requiredModule(name, given), kernels: kernelChoice(given) };
  }
}

/** The module to add, build or install: named, or identified by a directory or dkms.conf that was given instead. */
async function wantedModule(
  command: string,
  given: ParsedArguments,
  settings: Settings,
): Promise<{ module: ModuleId; directory: string | undefined }> {
  const directory = given.value("module") === undefined ? givenDirectory(given.words[1]) : undefined;
  if (directory === undefined)
    return { module: onlyVersion(command, given, settings) ?? requiredModule(command, given), directory };
  return { module: await identifySource({ context: settings, directory }), directory };
}

/** The module of a command line that names no version, where only one is there. Throws `module-not-given` where there are several, or none. */
function onlyVersion(command: string, given: ParsedArguments, { layout }: Settings): ModuleId | undefined {
  const { name, version } = givenModule(given);
  if (name === undefined || name === "" || version !== undefined || nameFault(name) !== undefined) return undefined;
  const modules = readTree(layout, "states");
  const registered = modules.filter(({ id, registration }) => id.name === name && registration === "added");
  const versions = new Set<string>(registered.map(({ id }) => id.version));
  for (const source of unclaimedSources(layout, modules)) {
    const found = source.name.startsWith(`${name}-`) ? source.name.slice(name.length + 1) : "";
    if (found !== "" && isConfOf(source.path, name, found)) versions.add(found);
  }
  const [only] = versions;
  if (only === undefined)
    throw new DkmsError(
      "module-not-given",
      `dkms ${command} needs a version: there is no source of ${name} in ${layout.sourceTree}.`,
      { hint: `Is its package installed? See: pacman -Qs ${name}` },
    );
  if (versions.size === 1) return { name: moduleName(name), version: moduleVersion(only) };
  throw new DkmsError(
    "module-not-given",
    `dkms ${command} needs a version: ${[...versions].join(", ")} of ${name} are there.`,
    {
      hint: `For example: dkms ${command} ${name}/${only}`,
    },
  );
}

/** Whether the text of a conf says so in plain words; what only bash can tell is left to who names the version. */
function isConfOf(source: string, name: string, version: string): boolean {
  const text = readText(`${source}/dkms.conf`) ?? "";
  const says = (key: string, value: string): boolean =>
    [...text.matchAll(new RegExp(`^\\s*${key}=["']?([^"'\\s]*)["']?\\s*$`, "gm"))].at(-1)?.[1] === value;
  return says("PACKAGE_NAME", name) && says("PACKAGE_VERSION", version);
}

/** The source directory that a word names: by itself, or by its dkms.conf. */
function givenDirectory(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const path = absolutePath(word, workingDirectory());
  if (path.endsWith("/dkms.conf") && targetKind(path) === "file") return dirname(path);
  return targetKind(`${path}/dkms.conf`) === "file" ? path : undefined;
}

/** The module that a command line names by name and version; throws `module-not-given`. */
export function requiredModule(command: string, given: ParsedArguments): ModuleId {
  const { name, version } = givenModule(given);
  if (name === undefined || name === "" || version === undefined || version === "") {
    throw new DkmsError("module-not-given", `dkms ${command} needs a module and its version.`, {
      hint: `Usage: dkms ${command} MODULE/VERSION, or dkms ${command} -m MODULE -v VERSION`,
    });
  }
  return { name: moduleName(name), version: moduleVersion(version) };
}

function matchRequest(given: ParsedArguments, { force }: { readonly force: boolean }): Request {
  const template = given.value("templatekernel");
  if (template === undefined || template === "") {
    throw new DkmsError("usage", "dkms match needs --templatekernel, the kernel whose modules are to be installed.", {
      exitCode: 1,
    });
  }
  const kernel = onlyKernel("match", given);
  if (kernel.release === template) throw usageError(`Template and kernel are the same: ${template}.`);
  const { name } = givenModule(given);
  return { kind: "match", template: { ...kernel, release: kernelRelease(template) }, kernel, name, force };
}
