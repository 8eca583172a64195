/** booster, with the image's name that its hook on Arch has. */
import type { ImageGenerator } from "./generator.ts";

/** Writes to any file that it is told. */
export const booster: ImageGenerator = {
  program: "booster",
  images: async ({ kernel }) => [`/boot/booster-${kernel}.img`],
  writing: {
    kind: "aside",
    command: ({ release }, image) => ["booster", "build", "--force", "--kernel-version", release, image],
  },
  lister: (image) => ["booster", "ls", image],
  settings: "/etc/booster.yaml",
};
