/** Reads a directory of module sources that is not installed: its conf, evaluated in a closed room, and its makefiles. */
import { join } from "node:path";
import { defaultLayout, kernelDirectory } from "../../model/machine/layout.ts";
import type { ModuleSource, NamedText } from "../../model/packaging/module-package.ts";
import type { RawConf } from "../../model/conf/raw-conf.ts";
import { machineArchitecture, runningRelease } from "../../system/environment.ts";
import { fileKind, readText } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { evaluateConfs } from "../conf/dkms-conf.ts";
import { makefileNames } from "./running-kernel-lines.ts";

/** The words that start a program in a room where it can do no harm and sees these paths. */
export type ClosedRoom = (paths: readonly string[]) => readonly [string, ...string[]];

/** How to read it. */
export interface SourceReading {
  readonly room: ClosedRoom;
  /** What findings call the directory. */
  readonly shown: string;
}

/** Reads a directory of sources; what is not a plain file in it is left alone. */
export async function readModuleSource(
  directory: string,
  { room, shown }: SourceReading,
): Promise<Omit<ModuleSource, "folder">> {
  const read = (name: string): NamedText | undefined => {
    const path = join(directory, name);
    return fileKind(path) === "file" ? { path: `${shown}/${name}`, text: readText(path) ?? "" } : undefined;
  };
  const conf = read("dkms.conf");
  return {
    conf,
    raw: conf === undefined ? undefined : await evaluate(directory, room),
    makefiles: makefileNames.flatMap((name) => read(name) ?? []),
  };
}

/** The conf for the running kernel, whose headers need not be there. */
async function evaluate(directory: string, room: ClosedRoom): Promise<RawConf | string> {
  const release = runningRelease();
  const within = room([directory]);
  const probe = await run([...within, "true"], { timeoutSeconds: 20 });
  if (probe.status !== 0) return `bubblewrap fails here: ${probe.stderr.trim().split("\n").at(-1) ?? ""}`;
  const variables = {
    kernelver: release,
    arch: machineArchitecture(),
    kernel_source_dir: `${kernelDirectory(defaultLayout, release)}/build`,
    dkms_tree: defaultLayout.dkmsTree,
    source_tree: defaultLayout.sourceTree,
    install_tree: defaultLayout.installTree,
  };
  const request = { path: join(directory, "dkms.conf"), overrides: [], variables, directives: [] };
  const [raw] = await evaluateConfs([request], { within });
  return raw ?? "bash gave no answer";
}
