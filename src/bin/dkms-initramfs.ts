/** Entry of `dkms-initramfs`, which the hooks of `dkms-hookgen` run. */
import { initramfs } from "../cli/initramfs/initramfs.ts";

process.exitCode = await initramfs(process.argv.slice(2));
