/** Reads a directory of module sources that is not installed: its conf, evaluated in the sandbox, and its makefiles. */
import { join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { defaultLayout, kernelDirectory } from "../../model/machine/layout.ts";
import type { ModuleSource, NamedText } from "../../model/packaging/module-package.ts";
import type { RawConf } from "../../model/conf/raw-conf.ts";
import { machineArchitecture, runningRelease } from "../../system/environment.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind } from "../../system/files/files.ts";
import { evaluateConfs } from "../conf/dkms-conf.ts";
import { makefileNames } from "./running-kernel-lines.ts";

/** Reads a directory of sources, which findings call `shown`; what is not a plain file in it is left alone. */
export async function readModuleSource(directory: string, shown: string): Promise<Omit<ModuleSource, "folder">> {
  const read = (name: string): NamedText | undefined => {
    const path = join(directory, name);
    return fileKind(path) === "file" ? { path: `${shown}/${name}`, text: readText(path) ?? "" } : undefined;
  };
  const conf = read("dkms.conf");
  return {
    conf,
    raw: conf === undefined ? undefined : await evaluate(directory),
    makefiles: makefileNames.flatMap((name) => read(name) ?? []),
  };
}

/** The conf for the running kernel, whose headers need not be there. */
async function evaluate(directory: string): Promise<RawConf | string> {
  const release = runningRelease();
  const variables = {
    kernelver: release,
    arch: machineArchitecture(),
    kernel_source_dir: `${kernelDirectory(defaultLayout, release)}/build`,
    dkms_tree: defaultLayout.dkmsTree,
    source_tree: defaultLayout.sourceTree,
    install_tree: defaultLayout.installTree,
  };
  const request = { path: join(directory, "dkms.conf"), overrides: [], variables, directives: [] };
  try {
    const [raw] = await evaluateConfs([request], { sandbox: "needed" });
    return raw ?? "bash gave no answer";
  } catch (error) {
    if (error instanceof DkmsError && error.code === "tool-missing") return error.message.replace(/\.$/, "");
    throw error;
  }
}
