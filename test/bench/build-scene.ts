/** The machines in which builds are measured: what they hold, and how they are brought back to where a round begins. */
import { rmSync } from "node:fs";
import { need } from "../e2e/command.ts";
import type { Twins } from "../e2e/differential/twins.ts";
import type { Machine } from "../e2e/machine.ts";

/** What a run leaves behind beside the dkms tree, but for the cache of results. */
const traces = ["/var/lib/dkms-alpm", "/var/log/dkms-alpm"];

/** Unpacks packages in both machines, which hold nothing else of that kind. */
export async function fill(machines: Twins, archives: readonly string[]): Promise<void> {
  await machines.reset([]);
  for (const machine of [machines.ours, machines.reference]) {
    for (const archive of archives) await need(["bsdtar", "-xf", archive, "-C", machine.path("/"), "usr"]);
    for (const release of machine.list("/usr/lib/modules")) await machine.need(["depmod", release]);
  }
}

/** Takes away what earlier runs have made, but for the signing key, which every machine has; indexes of modules are as a kernel's package leaves them. */
export async function clear(machine: Machine, what: "everything" | "all but results"): Promise<void> {
  const removed = what === "everything" ? [...traces, "/var/cache/dkms-alpm"] : traces;
  const releases = machine.list("/usr/lib/modules");
  const updates = releases.map((release) => `/usr/lib/modules/${release}/updates`);
  const entries = machine.list("/var/lib/dkms").filter((name) => !name.startsWith("mok."));
  const tree = entries.map((name) => `/var/lib/dkms/${name}`);
  for (const path of [...removed, ...tree, ...updates]) rmSync(machine.path(path), { recursive: true, force: true });
  await need(["mkdir", "-p", machine.path("/var/lib/dkms")]);
  for (const release of releases) await machine.need(["depmod", release]);
}

/** `same flags`: an administrator's own KCFLAGS, which are empty, so that objects get the debug information that the kernel's makefiles ask for. */
export function flags(machine: Machine, how: "same flags" | "spared"): void {
  const [settings, exports] = ["/etc/dkms/framework.conf.d/bench.conf", "/etc/dkms/bench-environment"];
  if (how === "spared") {
    machine.remove(settings);
    return;
  }
  machine.write(exports, "export KCFLAGS=\n");
  machine.write(settings, `build_environment=${exports}\n`);
}

/** What pacman would tell the hook: every kernel is new. */
export function kernelTargets(machine: Machine): string {
  return machine
    .list("/usr/lib/modules")
    .map((release) => `usr/lib/modules/${release}/modules.order\n`)
    .join("");
}
