/** The hooks that `dkms-hookgen` writes: the same subject, modules and style always give the same bytes. */
import { operations, type Hook, type Trigger } from "../../alpm/hook/hook.ts";
import { printHook } from "../../alpm/hook/write.ts";
import { compareBytes } from "../../model/order.ts";
import { confTarget, headersPackage, type Generator, type HookSubject, type Style } from "./names.ts";

/** The text of a hook that nobody has edited. Modules are names of packages, in any order. */
export function freshHook(subject: HookSubject, modules: readonly string[], style: Style): string {
  const { kernel } = subject;
  const sorted = [...new Set(modules)].toSorted(compareBytes);
  const packages: Trigger = { operations, type: "Package", targets: [kernel, headersPackage(kernel), ...sorted] };
  const confs = [...new Set(sorted.flatMap((name) => confTarget(name) ?? []))];
  const paths: Trigger = { operations, type: "Path", targets: confs };
  const hook: Hook = {
    triggers: style === "exec" && confs.length > 0 ? [packages, paths] : [packages],
    action: {
      description: `Updating the initramfs of ${kernel} for its DKMS modules...`,
      when: "PostTransaction",
      exec: hookCommand(subject, style),
      depends: [],
      abortOnFail: false,
      needsTargets: true,
    },
  };
  return printHook(hook, [
    `Made by dkms-hookgen: writes the initramfs of ${kernel} anew when a module in it has changed and nothing else does.`,
    "More modules: dkms-hookgen MODULE-dkms KERNEL. What you edit here is kept.",
  ]);
}

/** The Exec line of a hook. */
export function hookCommand(subject: HookSubject, style: Style): string {
  return style === "exec" ? execCommand(subject) : shellCommand(subject);
}

const launcher = "/usr/lib/dkms-alpm/run-hook";

/** Ends with the targets read: pacman reports a broken pipe when it finds nobody to write them to. */
const silentEnd = "{ while read -r trg; do :; done; exit 0; }";

/**
 * Silent where the program is not there: the file outlives the package, and the host's hooks also run inside new roots (`pacman --root`).
 * The launcher itself prints an error when the program could not start.
 */
function execCommand({ generator, kernel }: HookSubject): string {
  return `/bin/sh -c '[ -x ${launcher} ] || ${silentEnd}; exec ${launcher} dkms-initramfs ${generator} ${kernel}'`;
}

/** When the kernel itself is among the targets, the generator's own hook writes the image. */
function shellCommand({ generator, kernel }: HookSubject): string {
  const script = [
    `[ -x /usr/bin/${generator} ] || ${silentEnd}`,
    `while read -r trg; do case $trg in ${kernel}) exit 0; esac; done`,
    regeneration(generator, kernel),
  ];
  return `/bin/sh -c '${script.join("; ")}'`;
}

function regeneration(generator: Generator, kernel: string): string {
  switch (generator) {
    case "mkinitcpio":
      return `/usr/bin/mkinitcpio -p ${kernel}`;
    case "dracut":
      return forEachRelease(
        kernel,
        `/usr/bin/dracut --force --hostonly --no-hostonly-cmdline --kver "\${dir##*/}" /boot/initramfs-${kernel}.img`,
      );
    case "booster":
      return forEachRelease(
        kernel,
        `/usr/bin/booster build --force --kernel-version "\${dir##*/}" /boot/booster-${kernel}.img`,
      );
  }
}

/** These generators want the release, which only the kernel's directory knows. */
function forEachRelease(kernel: string, command: string): string {
  const search = `for dir in /usr/lib/modules/*; do [ "$(cat "$dir/pkgbase" 2>/dev/null)" = ${kernel} ] || continue`;
  return `${search}; ${command} || exit 1; done`;
}
