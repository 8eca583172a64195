/** Packages for the table of end states: kernels without anything that runs, modules that gcc alone makes, a generator that writes real images. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bzImage } from "../../observe/boot/made-files.ts";
import { makePackage } from "../packages.ts";

/** A kernel and its headers; nothing can be compiled against them, but their files are where DKMS looks. */
export async function madeKernel(
  pkgbase: string,
  release: string,
  version: string,
): Promise<readonly [string, string]> {
  const folder = `usr/lib/modules/${release}`;
  const kernel = makePackage({
    name: pkgbase,
    version,
    files: {
      [`${folder}/pkgbase`]: `${pkgbase}\n`,
      [`${folder}/modules.order`]: "",
      [`${folder}/modules.builtin`]: "kernel/fs/ext4/ext4.ko\n",
      [`${folder}/kernel`]: { folder: true },
    },
    fill: {
      key: `bzImage ${release}`,
      into: async (root) => {
        mkdirSync(join(root, folder), { recursive: true });
        writeFileSync(join(root, folder, "vmlinuz"), bzImage(release));
      },
    },
  });
  const headers = makePackage({
    name: `${pkgbase}-headers`,
    version,
    files: { [`${folder}/build/include/generated/x.h`]: "", [`${folder}/build/.config`]: "CONFIG_MODULES=y\n" },
  });
  return Promise.all([kernel, headers]);
}

const source = (name: string, version: string): string => `
#define INFO(n, text) static const char n[] __attribute__((section(".modinfo"), used, aligned(1))) = text
INFO(license, "license=GPL");
INFO(version, "version=${version}");
INFO(vermagic, "vermagic=" RELEASE " SMP preempt mod_unload ");
INFO(name, "name=${name}");
int init_module(void) { return 0; }
`;

/** A module that is made of one C file, for whatever kernel; `conf` are further lines of its dkms.conf, `broken` makes it fail for these kernels. */
export function madeModule(
  name: string,
  version: string,
  {
    conf = "",
    broken = "none",
    hasConf = true,
    depends = [],
  }: { conf?: string; broken?: string; hasConf?: boolean; depends?: readonly string[] } = {},
): Promise<string> {
  const folder = `usr/src/${name}-${version}`;
  const directives = `PACKAGE_NAME=${name}\nPACKAGE_VERSION=${version}\nBUILT_MODULE_NAME=${name}\nDEST_MODULE_LOCATION=/updates\nAUTOINSTALL=yes\nMAKE="make KREL=$kernelver"\nCLEAN=true\n${conf}`;
  const makefile = `all:\n\tcase $(KREL) in ${broken}) echo "${name}.c:1: error: no" >&2; exit 1 ;; esac\n\tgcc -c -DRELEASE='"$(KREL)"' -o ${name}.ko ${name}.c\n`;
  return makePackage({
    name: `${name}-dkms`,
    version: `${version}-1`,
    depends: ["dkms", ...depends],
    files: {
      ...(hasConf ? { [`${folder}/dkms.conf`]: directives } : {}),
      [`${folder}/Makefile`]: makefile,
      [`${folder}/${name}.c`]: source(name, version),
    },
  });
}

/** Writes a real image of a kernel's modules: `write-image IMAGE RELEASE [COMPRESSOR]`. */
const writeImage = `#!/bin/sh
[ -e /etc/generator-fails ] && { printf '\\050\\265\\057\\375ruined' >"$1"; exit 1; }
set -e
work=$(mktemp -d)
mkdir -p "$work/usr/lib/modules/$2"
: >"$work/init"
: >"$work/usr/lib/modules/$2/modules.dep"
[ -e /etc/generator-forgets ] || find "/usr/lib/modules/$2" -name '*.ko' -exec cp {} "$work/usr/lib/modules/$2/" \\;
bsdtar --format=newc -cf - -C "$work" . | case "\${3:-zstd}" in none) cat ;; *) "\${3:-zstd}" -c ;; esac >"$1"
rm -r "$work"
`;

const mkinitcpio = `#!/bin/sh
status=0
for dir in /usr/lib/modules/*/; do
  release=$(basename "$dir")
  kernel=$(cat "$dir/pkgbase" 2>/dev/null) || continue
  [ -e "$dir/vmlinuz" ] || continue
  cp "$dir/vmlinuz" "/boot/vmlinuz-$kernel"
  write-image "/boot/initramfs-$kernel.img" "$release" || status=1
done
exit $status
`;

const hook = `[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Path
Target = usr/src/*/dkms.conf
Target = usr/lib/modules/*/vmlinuz

[Action]
Description = Updating linux initcpios...
When = PostTransaction
Exec = /usr/bin/mkinitcpio
NeedsTargets
`;

const remove = `[Trigger]
Operation = Remove
Type = Path
Target = usr/lib/modules/*/vmlinuz

[Action]
Description = Removing linux initcpios...
When = PreTransaction
Exec = /bin/sh -c 'while read -r line; do kernel=$(cat "/\${line%/*}/pkgbase"); rm -f "/boot/vmlinuz-$kernel" "/boot/initramfs-$kernel.img"; done'
NeedsTargets
`;

const preset = (kernel: string): string =>
  `ALL_kver="/boot/vmlinuz-${kernel}"\nPRESETS=('default')\ndefault_image="/boot/initramfs-${kernel}.img"\n`;

/** A package like mkinitcpio's, whose images are real ones. */
export function madeGenerator(): Promise<string> {
  return makePackage({
    name: "mkinitcpio",
    version: "41-1",
    files: {
      "usr/bin/mkinitcpio": { text: mkinitcpio, mode: 0o755 },
      "usr/bin/write-image": { text: writeImage, mode: 0o755 },
      "usr/share/libalpm/hooks/90-mkinitcpio-install.hook": hook,
      "usr/share/libalpm/hooks/60-mkinitcpio-remove.hook": remove,
      "etc/mkinitcpio.d/linux.preset": preset("linux"),
      "etc/mkinitcpio.d/linux-lts.preset": preset("linux-lts"),
      boot: { folder: true },
    },
  });
}
