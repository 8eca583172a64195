/** Which hook files pacman uses, and in which order: later directories override earlier ones by file name. */
import { compareBytes } from "../../model/order.ts";

/** The files of one hook directory; sub-directories are left out. */
export interface HookDirectory {
  readonly directory: string;
  /** File names in any order; those that do not end in `.hook` are passed over, as pacman does. */
  readonly names: readonly string[];
}

/** A hook file that counts. */
export interface EffectiveHook {
  /** The file's name with `.hook`. */
  readonly name: string;
  readonly directory: string;
  /** The directories whose file of this name does not count, in pacman's order. */
  readonly overridden: readonly string[];
}

const suffix = ".hook";

/**
 * The effective hooks in the order in which pacman runs them (in each phase): by the bytes of their names without `.hook`.
 * Directories are given in pacman's order: `/usr/share/libalpm/hooks` first, then each HookDir.
 */
export function effectiveHooks(directories: readonly HookDirectory[]): readonly EffectiveHook[] {
  const holders = new Map<string, string[]>();
  for (const { directory, names } of directories) {
    for (const name of names) {
      if (!name.endsWith(suffix)) continue;
      const earlier = holders.get(name) ?? [];
      holders.set(name, [...earlier.filter((one) => one !== directory), directory]);
    }
  }
  return [...holders]
    .map(([name, all]) => ({ name, directory: all.at(-1) ?? "", overridden: all.slice(0, -1) }))
    .toSorted((a, b) => compareHookNames(a.name, b.name));
}

/** Orders two hook file names as pacman runs them: `90-mkinitcpio-dkms-linux.hook` before `90-mkinitcpio-install.hook`. */
export function compareHookNames(a: string, b: string): number {
  return compareBytes(a.slice(0, -suffix.length), b.slice(0, -suffix.length));
}
