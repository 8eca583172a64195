/** Which modules this machine needs to boot, also those that are no longer there. */
import type { RequiredModule } from "../../model/boot/facts.ts";
import type { BootNeeds, KnownModule } from "../../model/guard/guard.ts";

const isNamed = "it is named by [Guard] Require in /etc/dkms-alpm.conf";
const isRoot = "the root file system is of its type";
const fromHook = (hook: string): string => `${hook} puts it into a boot image`;

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
      required.set(name, isNamed);
    } else if (hook !== undefined) {
      required.set(name, fromHook(hook[1]));
    } else if (needs.rootType === name) {
      required.set(name, isRoot);
    }
  }
  return required;
}

/** Types of root file systems whose module no kernel of kernel.org brings. */
const outOfTree: ReadonlySet<string> = new Set(["zfs", "bcachefs", "reiser4"]);

/**
 * Required modules: those that are known, and those that are only named. A name without a module is one whose package was removed, or that was never
 * there; it is required all the same. `removed`: names of modules that this transaction has removed.
 */
export function requiredForBoot(
  needs: BootNeeds,
  modules: readonly Pick<KnownModule, "name" | "directory">[],
  removed: ReadonlySet<string> = new Set(),
): readonly RequiredModule[] {
  const required = new Map<string, RequiredModule>();
  for (const [name, because] of requiredModules(needs, modules)) required.set(name, { name, because });
  const owners = (word: string): readonly string[] =>
    modules.filter(({ directory }) => needs.owned.get(word)?.includes(directory) === true).map(({ name }) => name);
  const add = (word: string, because: string): void => {
    const known = [...owners(word), packageStem(word)];
    if (known.some((name) => required.has(name))) return;
    required.set(packageStem(word), { name: packageStem(word), because });
  };
  for (const word of needs.named) add(word, isNamed);
  for (const [packageName, hook] of needs.hooked) {
    if (/-dkms(-|$)/.test(packageName)) add(packageName, fromHook(hook));
  }
  const { rootType } = needs;
  if (rootType !== undefined && (outOfTree.has(rootType) || removed.has(rootType)) && !required.has(rootType)) {
    required.set(rootType, { name: rootType, because: isRoot });
  }
  return [...required.values()].map((one) => ({ ...one, ...hookKernels(needs, one, modules) }));
}

/** A hook is for one kernel: where only hooks need a module, other kernels do without it. */
function hookKernels(
  { hooked, hookedKernels, owned, named, rootType }: BootNeeds,
  { name }: RequiredModule,
  modules: readonly Pick<KnownModule, "name" | "directory">[],
): Pick<RequiredModule, "kernels"> {
  const directories = modules.filter((module) => module.name === name).map(({ directory }) => directory);
  const isOf = (word: string): boolean =>
    word === name || packageStem(word) === name || directories.some((one) => owned.get(word)?.includes(one) === true);
  if (rootType === name || named.some(isOf)) return {};
  const kernels = [...hooked.keys()].filter(isOf).flatMap((word) => [...(hookedKernels?.get(word) ?? [])]);
  return kernels.length === 0 ? {} : { kernels: new Set(kernels) };
}

/** `zfs` for `zfs-dkms` and `zfs-dkms-git`; the name itself for any other. */
function packageStem(packageName: string): string {
  return packageName.replace(/-dkms(-.*)?$/, "");
}
