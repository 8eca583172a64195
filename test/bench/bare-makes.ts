/** The floor of every build: its sources copied and its make command run, two at a time, and nothing else. */
import { join } from "node:path";
import type { Machine } from "../e2e/machine.ts";
import type { Stamp } from "../../src/observe/stamps/stamp.ts";

/** A shell command that makes again everything that the machine has built, in directories of its own. */
export function bareMakes(machine: Machine): string {
  const root = "/var/lib/dkms-alpm/stamps";
  const jobs = machine.tree(root).map((path, index) => {
    const [name = "", version = "", release = ""] = path.split("/");
    const { conf } = JSON.parse(machine.read(join(root, path))) as Stamp;
    if (conf === undefined) throw new Error(`${path} does not tell what the conf said`);
    const build = `/tmp/bare/${index}`;
    const headers = `/usr/lib/modules/${release}/build`;
    const command = conf.evaluated.directives.make ?? `make -C ${headers} M=${build}`;
    const line = command.replaceAll(`/var/lib/dkms/${name}/${version}/build`, build);
    return `cp -a /usr/src/${name}-${version} ${build} && cd ${build} && { ${line.replace(/^\s*'?make'?\s/, `make KERNELRELEASE=${release} `)}; }`;
  });
  const lines = jobs.map((job) => Buffer.from(job).toString("base64")).join("\\n");
  return `rm -rf /tmp/bare; mkdir -p /tmp/bare; printf '${lines}\\n' | xargs -P "$(nproc)" -I{} bash -c 'echo {} | base64 -d | bash -e'`;
}
