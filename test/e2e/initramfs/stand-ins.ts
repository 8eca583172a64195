/** Stand-ins for generators of boot images: they note how they were called, and their images are plain archives of the modules that there are. */
import type { Machine } from "../machine.ts";
import { makePackage } from "../packages.ts";

const log = "/var/log/generator-calls";

/** What a stand-in was called with since the last call, a line each. */
export function calls(machine: Machine): readonly string[] {
  const lines = machine.exists(log) ? machine.read(log).split("\n").slice(0, -1) : [];
  machine.remove(log);
  return lines;
}

/** While this file is there, generators leave a ruined image and fail. */
export const failure = "/etc/generator-fails";

/** While this file is there, generators leave all modules out. */
export const forgetting = "/etc/generator-forgets";

const begin = `#!/bin/sh
echo "\${0##*/} $*" >>${log}
modules() { [ -e ${forgetting} ] || find "$1" -name '*.ko*' | sed 's|^/||'; }
pack() { { echo "\${1#/}/modules.order"; modules "$1"; } | bsdtar --format=newc -cf "$2" -C / -T -; }
`;

/** What mkinitcpio's own script copies to /boot: the header of a bzImage, with its size and its release. */
const kernelFile = `copy_kernel() {
  head -c 5632 /dev/zero >"$2"
  put() { printf "$2" | dd of="$3" bs=1 seek="$1" conv=notrunc status=none; }
  put 497 '\\002' "$2"; put 500 '\\000\\001' "$2"; put 514 HdrS "$2"; put 526 '\\000\\001' "$2"
  put 768 "$1 (stand-in)" "$2"
}
`;

const mkinitcpioProgram = `${begin}${kernelFile}
status=0
for dir in /usr/lib/modules/*; do
  kernel=$(cat "$dir/pkgbase") || continue
  image=/boot/initramfs-$kernel.img
  case "$* " in -P\\ | *"-p $kernel "*) ;; *) continue ;; esac
  copy_kernel "\${dir##*/}" "/boot/vmlinuz-$kernel"
  if [ -e ${failure} ]; then echo ruined >"$image"; status=1; else pack "$dir" "$image"; fi
done
exit $status
`;

/** booster puts all modules into one directory, and the kernel's release into a file. */
const boosterProgram = `${begin}
if [ "$1" = ls ]; then exec bsdtar -tf "$2"; fi
for image; do :; done
if [ -e ${failure} ]; then echo ruined >"$image"; exit 1; fi
root=$(mktemp -d)
mkdir -p "$root/etc" "$root/usr/lib/modules"
echo "kernel: $4" >"$root/etc/booster.init.yaml"
: >"$root/usr/lib/modules/booster.alias"
modules "/usr/lib/modules/$4" | while read -r file; do cp "/$file" "$root/usr/lib/modules"; done
bsdtar --format=newc -cf "$image" -C "$root" etc usr
rm -r "$root"
`;

/** What mkinitcpio's own hook does: kernels whose image comes are done by their presets, anything else means all. */
const stockScript = `#!/bin/sh
all= words=
while read -r line; do
  case $line in
    */vmlinuz) words="$words -p $(cat "/\${line%/*}/pkgbase")" ;;
    */extramodules/) ;;
    *) all=yes ;;
  esac
done
if [ "$all" ]; then exec /usr/bin/mkinitcpio -P; fi
# shellcheck disable=SC2086
[ -z "$words" ] || exec /usr/bin/mkinitcpio $words
`;

const stockHook = (confs: string): string => `[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Path
Target = usr/lib/initcpio/*
Target = usr/lib/firmware/*
${confs}
[Trigger]
Operation = Install
Operation = Upgrade
Type = Path
Target = usr/lib/modules/*/vmlinuz

[Trigger]
Operation = Install
Operation = Upgrade
Type = Package
Target = mkinitcpio

[Action]
Description = Updating linux initcpios...
When = PostTransaction
Exec = /usr/share/libalpm/scripts/mkinitcpio
NeedsTargets
`;

const preset = (kernel: string): string => `# a shell file
ALL_kver="/boot/vmlinuz-${kernel}"
PRESETS=('default')
default_image="/boot/initramfs-${kernel}.img"
`;

/** A package like mkinitcpio's; its hook fires on module sources since version 37. */
export function mkinitcpioPackage(version: "36" | "41"): Promise<string> {
  const confs = version === "41" ? "Target = usr/src/*/dkms.conf\n" : "";
  return makePackage({
    name: "mkinitcpio",
    version: `${version}-1`,
    files: {
      "usr/bin/mkinitcpio": { text: mkinitcpioProgram, mode: 0o755 },
      "usr/bin/lsinitcpio": { text: '#!/bin/sh\nexec bsdtar -tf "$1"\n', mode: 0o755 },
      "usr/share/libalpm/hooks/90-mkinitcpio-install.hook": stockHook(confs),
      "usr/share/libalpm/scripts/mkinitcpio": { text: stockScript, mode: 0o755 },
      "etc/mkinitcpio.d/linux.preset": preset("linux"),
      "etc/mkinitcpio.d/linux-lts.preset": preset("linux-lts"),
      boot: { folder: true },
    },
  });
}

/** A package like booster's, whose own hook knows nothing of module sources. */
export function boosterPackage(): Promise<string> {
  return makePackage({
    name: "booster",
    version: "0.12-1",
    files: { "usr/bin/booster": { text: boosterProgram, mode: 0o755 }, boot: { folder: true } },
  });
}

/** Gives kernels a hook for the module `tiny` through mkinitcpio. */
export async function hookFor(machine: Machine, ...kernels: readonly string[]): Promise<void> {
  await machine.need(["dkms-hookgen", "--generator", "mkinitcpio", "tiny-dkms", ...kernels]);
  // It would refuse what these scenarios are about.
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  calls(machine);
}
