/** mkinitcpio: a kernel's preset says which images there are and with which options each is made. */
import { DkmsError } from "../../model/errors.ts";
import { runBash } from "../../system/process/bash.ts";
import type { ImageGenerator } from "./generator.ts";

const presets = "/etc/mkinitcpio.d";

/** Presets are shell files, see mkinitcpio(8). */
const imagesOfPreset = `
. "$1" || exit
for preset in "\${PRESETS[@]}"; do
  for kind in image uki efi_image; do
    name=\${preset}_$kind
    [[ -z \${!name} ]] || printf '%s\\0' "\${!name}"
  done
done`;

/** All presets of a kernel are written by one run, which also runs the post hooks that sign or copy images. */
export const mkinitcpio: ImageGenerator = {
  program: "mkinitcpio",
  images: async ({ kernel }) => {
    const preset = `${presets}/${kernel}.preset`;
    const { stdout } = await runBash(imagesOfPreset, [preset], { silenceSeconds: 10 });
    const [first, ...others] = stdout.toString("utf8").split("\0").slice(0, -1);
    if (first === undefined) {
      throw new DkmsError("conf-invalid", `The preset ${preset} names no image.`, {
        path: preset,
        hint: "mkinitcpio's own hook makes it when the kernel is installed: reinstall the kernel.",
      });
    }
    return [first, ...others];
  },
  writing: { kind: "in-place", command: ({ kernel }) => ["mkinitcpio", "-p", kernel] },
  lister: (image) => ["lsinitcpio", image],
  settings: "/etc/mkinitcpio.conf",
};
