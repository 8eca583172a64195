/** A scratch folder for shell files, and short ways to evaluate them as dkms.conf. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DirectiveName, RawConf } from "../../../src/model/conf/raw-conf.ts";
import { evaluateConfs } from "../../../src/observe/conf/dkms-conf.ts";
import type { ConfRequest } from "../../../src/observe/conf/dkms-conf.ts";
import type { BashOptions } from "../../../src/system/process/bash.ts";

/** The folder; it goes with the process. */
export const scratch = mkdtempSync(join(tmpdir(), "dkms-alpm-conf-"));
// Confs are evaluated by a user of their own, who begins there.
chmodSync(scratch, 0o755);
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** dkms' variables as the callers set them. */
export const variables = {
  kernelver: "6.6.1-arch1-1",
  arch: "x86_64",
  kernel_source_dir: "/usr/lib/modules/6.6.1-arch1-1/build",
  kernel_config: "/usr/lib/modules/6.6.1-arch1-1/build/.config",
  dkms_tree: "/var/lib/dkms",
  source_tree: "/usr/src",
  install_tree: "/usr/lib/modules",
  module: "zfs",
  module_version: "2.2.2",
  tmp_location: "/tmp",
  parallel_jobs: "4",
  running_distribution: "arch",
  verbose: "",
  force: "",
} as const;

let count = 0;

/** Writes a file below the scratch folder and returns its path. */
export function write(name: string, text: string | Buffer): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A request for a conf with this text. */
export function requestFor(text: string | Buffer, more: Partial<ConfRequest> = {}): ConfRequest {
  count += 1;
  return { path: write(`${count}/dkms.conf`, text), overrides: [], variables, directives: [], ...more };
}

/** Evaluates one conf alone. */
export async function evaluate(
  text: string | Buffer,
  more: Partial<ConfRequest> = {},
  options: BashOptions = {},
): Promise<RawConf> {
  const [conf] = await evaluateConfs([requestFor(text, more)], { cwd: scratch, ...options });
  if (conf === undefined) throw new Error("There is no answer.");
  return conf;
}

/** One value of an evaluated conf. */
export function value(conf: RawConf, name: DirectiveName, index = 0): string | undefined {
  return conf.directives.get(name)?.values.get(index);
}

/** The kinds of a conf's problems. */
export function kinds(conf: RawConf): readonly string[] {
  return conf.problems.map((problem) => problem.kind);
}
