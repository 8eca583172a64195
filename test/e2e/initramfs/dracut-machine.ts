/** What makes a machine one whose kernels boot by images of the real dracut. */
import type { Machine } from "../machine.ts";

/** Where dracut has the image of a kernel's package. */
export function image(kernel: string): string {
  return `/boot/initramfs-${kernel}.img`;
}

/**
 * The first program of a booted kernel, for images that hold nothing else: loads a module, says which version it is, and switches the machine off.
 * It speaks to the console, which the emulator writes to a file.
 */
const probe = (module: string): string => `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
modprobe ${module} && echo "probe: ${module} $(cat /sys/module/${module}/version) is loaded in $(uname -r)"
echo "probe: end"
echo o >/proc/sysrq-trigger
sleep 60
`;

/** Small images: a shell, kmod, the module and the probe, for any machine. */
const settings = (module: string): string => `dracutmodules=" base "
add_drivers+=" ${module} "
install_items+=" /probe "
i18n_install_all="no"
compress="cat"
early_microcode="no"
`;

/** Settles dracut in a machine, for images with this module. The host has dracut itself. */
export function settleDracut(machine: Machine, module = "tiny"): void {
  machine.write("/probe", probe(module), 0o755);
  machine.write(`/etc/dracut.conf.d/${module}.conf`, settings(module));
  machine.write("/boot/README", "Boot images.\n");
}
