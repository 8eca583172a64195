/** dracut, with the options and the image's name that its hook on Arch has. */
import type { ImageGenerator } from "./generator.ts";

/** Writes to any file that it is told. */
export const dracut: ImageGenerator = {
  program: "dracut",
  images: async ({ kernel }) => [`/boot/initramfs-${kernel}.img`],
  writing: {
    kind: "aside",
    command: ({ release }, image) => [
      "dracut",
      "--force",
      "--hostonly",
      "--no-hostonly-cmdline",
      "--kver",
      release,
      image,
    ],
  },
  lister: (image) => ["lsinitrd", image],
  settings: "/etc/dracut.conf.d",
};
