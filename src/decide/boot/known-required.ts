/** Which modules a machine needs to boot, and how that is known. */
import type { BootNeeds, KnownModule } from "../../model/guard/guard.ts";

/** Required modules by name, each with the reason in words: `named in /etc/dkms-alpm.conf`. */
export function requiredModules(
  needs: BootNeeds,
  modules: readonly Pick<KnownModule, "name" | "directory">[],
): ReadonlyMap<string, string> {
  const required = new Map<string, string>();
  for (const { name, directory } of modules) {
    const isMeant = (word: string): boolean =>
      needs.owned.get(word)?.includes(directory) === true || packageStem(word) === name;
    const hook = [...needs.hooked].find(([packageName]) => isMeant(packageName));
    if (needs.named.some((word) => word === name || isMeant(word))) {
      required.set(name, "it is named by [Guard] Require in /etc/dkms-alpm.conf");
    } else if (hook !== undefined) {
      required.set(name, `${hook[1]} puts it into a boot image`);
    } else if (needs.rootType === name) {
      required.set(name, "the root file system is of its type");
    }
  }
  return required;
}

/** `zfs` for `zfs-dkms` and `zfs-dkms-git`; the name itself for any other. */
export function packageStem(packageName: string): string {
  return packageName.replace(/-dkms(-.*)?$/, "");
}
