/** Reads what tells which modules this machine needs to boot: settings, hooks that write boot images for a module, the root file system. */
import { parseHookFile } from "../../../alpm/hook/file.ts";
import { readHook } from "../../../alpm/hook/reading.ts";
import { isPackageName } from "../../../model/package-name.ts";
import type { BootNeeds } from "../../../model/guard/guard.ts";
import { readText } from "../../../system/files/content.ts";
import { listDirectory } from "../../../system/files/files.ts";
import type { CallingPacman } from "./calling-pacman.ts";
import { ownedSources } from "./incoming.ts";
import { quietly } from "../../../system/files/quietly.ts";

/** Where hooks lie that a person or a generator has made. */
const hookDirectory = "/etc/pacman.d/hooks";

/** Reads them; a hook file that cannot be read says nothing. */
export async function readBootNeeds(
  named: readonly string[],
  pacman: CallingPacman | undefined,
  signal: AbortSignal,
): Promise<BootNeeds> {
  const { hooked, kernels } = hookedPackages(hookDirectory);
  const owned = new Map<string, readonly string[]>();
  for (const name of new Set([...hooked.keys(), ...named.filter(isPackageName)])) {
    owned.set(name, await ownedSources(name, pacman, signal));
  }
  return { named, hooked, hookedKernels: kernels, owned, rootType: rootTypeOf(readText("/proc/self/mountinfo") ?? "") };
}

/** Packages of modules that files `90-*-dkms-KERNEL.hook` name as their targets, each with the file's name and the kernels. */
export function hookedPackages(directory: string): {
  readonly hooked: ReadonlyMap<string, string>;
  readonly kernels: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const found = new Map<string, string>();
  const kernels = new Map<string, Set<string>>();
  for (const fileName of listDirectory(directory)) {
    const kernel = /^90-.+?-dkms-(.+)\.hook$/.exec(fileName)?.[1];
    if (kernel === undefined) continue;
    const reading = readHook(parseHookFile(quietly(() => readText(`${directory}/${fileName}`)) ?? ""));
    for (const { type, targets } of reading.kind === "hook" ? reading.hook.triggers : []) {
      if (type !== "Package") continue;
      for (const target of targets) {
        if (!isPackageName(target) || target === kernel || target === `${kernel}-headers`) continue;
        found.set(target, fileName);
        kernels.set(target, (kernels.get(target) ?? new Set()).add(kernel));
      }
    }
  }
  return { hooked: found, kernels };
}

/** The type of what is mounted at `/`, from the text of mountinfo(5): of several mounts over each other the last one counts. */
export function rootTypeOf(mountinfo: string): string | undefined {
  let type: string | undefined;
  for (const line of mountinfo.split("\n")) {
    const [mount = "", source = ""] = line.split(" - ");
    if (mount.split(" ")[4] === "/") type = source.split(" ")[0];
  }
  return type;
}
