/** Names that `dkms-hookgen` works with: generators of initramfs images, packages, and the hook files it writes. */
import { isPackageName } from "../../model/package-name.ts";
import { DkmsError } from "../../model/errors.ts";

/** Programs that write initramfs images. */
export const generators = ["mkinitcpio", "dracut", "booster"] as const;
export type Generator = (typeof generators)[number];

/** `exec` calls dkms-initramfs, which knows what has happened; `shell` works on machines without this project. */
export const styles = ["exec", "shell"] as const;
export type Style = (typeof styles)[number];

/** What a hook file of ours is for, by its name. */
export interface HookSubject {
  readonly generator: Generator;
  /** The package of the kernel, which is also its pkgbase: `linux-lts`. */
  readonly kernel: string;
}

/** The generator to write hooks for when none was named: the one that is installed. Throws `tool-missing` for none and `usage` for several. */
export function onlyGenerator(installed: readonly Generator[]): Generator {
  const [only, ...others] = installed;
  if (only === undefined) {
    throw new DkmsError(
      "tool-missing",
      "No generator of initramfs images is installed (mkinitcpio, dracut or booster).",
      {
        hint: "Install one, or name the one to write hooks for with --generator.",
      },
    );
  }
  if (others.length === 0) return only;
  throw new DkmsError("usage", `Several generators are installed: ${installed.join(", ")}.`, {
    hint: `Choose one, for example --generator ${only}.`,
  });
}

const longestFileName = 255;

/** The file's name: `90-mkinitcpio-dkms-linux.hook`. It sorts behind the hooks that build modules (70) and before the stock hook of the generator (90-...-install). */
export function hookFileName({ generator, kernel }: HookSubject): string {
  return `90-${generator}-dkms-${kernel}.hook`;
}

/** What a hook file is for; undefined when its name is not one of ours. */
export function hookSubject(fileName: string): HookSubject | undefined {
  const [, name, kernel = ""] = /^90-([a-z]+)-dkms-(.+)\.hook$/.exec(fileName) ?? [];
  const generator = generators.find((one) => one === name);
  return generator === undefined || !isPackageName(kernel) ? undefined : { generator, kernel };
}

/** Checks a package name that becomes a word of a shell command and a part of a file name; throws `bad-name`. */
export function packageName(text: string): string {
  const fits = hookFileName({ generator: "mkinitcpio", kernel: text }).length <= longestFileName;
  if (isPackageName(text) && fits) return text;
  throw new DkmsError("bad-name", `${JSON.stringify(text.slice(0, 80))} cannot be the name of a package.`, {
    hint: "Names of packages have letters, digits and @ . _ + - and begin with neither dot nor dash.",
  });
}

/** The package of a kernel's headers, as Arch names them. */
export function headersPackage(kernel: string): string {
  return `${kernel}-headers`;
}

/**
 * The dkms.conf of a module package under any name that it may be replaced by: `usr/src/zfs-*`/dkms.conf for `zfs-dkms`, which `zfs-dkms-git` owns too.
 * Undefined for a package that does not follow Arch's naming of DKMS packages.
 */
export function confTarget(modulePackage: string): string | undefined {
  const stem = /^(.+?)-dkms(?:-|$)/.exec(modulePackage)?.[1];
  return stem === undefined ? undefined : `usr/src/${stem}-*/dkms.conf`;
}
