/** Packages may ask that a module is installed whatever version the kernel's own copy has: words in files of one directory. */
import { join } from "node:path";
import { readText } from "../../system/files/content.ts";
import { listDirectory } from "../../system/files/files.ts";

/** What is asked for a module: `force` skips every check, `version` only that of the version. */
export type ForcedInstall = "force" | "version" | "no";

const directoryOfAll = "/usr/share/dkms/modules_to_force_install";

/** What the files say of a module: its name alone forces, `<name>_version-override` overrides the version. */
export function readForcedInstall(module: string, directory: string = directoryOfAll): ForcedInstall {
  const words = new Set(
    listDirectory(directory).flatMap((name) => readText(join(directory, name))?.split(/\s+/) ?? []),
  );
  if (words.has(module)) return "force";
  return words.has(`${module}_version-override`) ? "version" : "no";
}
