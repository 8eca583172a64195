/** Loads modules for the devices of this machine right after an install, where that is asked for (`modprobe_on_install`). */
import { join } from "node:path";
import type { Event } from "../../model/run/outcome.ts";
import { readText } from "../../system/files/content.ts";
import { targetKind } from "../../system/files/files.ts";
import { findFiles } from "../../system/files/find-files.ts";
import { findProgram, run } from "../../system/process/processes.ts";

/** Where the kernel shows its devices. */
const allDevices = "/sys/devices";
/** Names on one command line; the kernel allows far longer ones. */
const namesAtOnce = 1000;
const unitDirectories: readonly string[] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/** Asks modprobe for every module that a device of this machine wants, then has systemd load those of modules-load.d again. Failures are warnings. */
export async function loadModules(tell: (event: Event) => void): Promise<void> {
  const aliases = await readDeviceAliases(allDevices);
  for (let start = 0; start < aliases.length; start += namesAtOnce) {
    // Most devices need no module that exists: modprobe says nothing of those (-q), and its status does not matter.
    await run(["modprobe", "-a", "-b", "-q", ...aliases.slice(start, start + namesAtOnce)]);
  }
  const unit = "systemd-modules-load.service";
  const isThere = unitDirectories.some((directory) => targetKind(join(directory, unit)) === "file");
  if (!isThere || findProgram("systemctl") === undefined) return;
  const { status, stderr } = await run(["systemctl", "restart", unit]);
  if (status !== 0) tell({ kind: "note", level: "warning", text: `${unit} could not be restarted: ${stderr.trim()}` });
}

/** What the devices below a directory of sysfs want to be driven by, each alias once. */
export async function readDeviceAliases(directory: string): Promise<readonly string[]> {
  const files = await findFiles(directory, "**/modalias");
  const lines = files.flatMap(({ path }) => readText(join(directory, path))?.split("\n") ?? []);
  return [...new Set(lines)].filter((line) => line !== "").toSorted();
}
