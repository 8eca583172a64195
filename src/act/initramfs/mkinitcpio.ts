/** mkinitcpio: a kernel's preset says which images there are and with which options each is made. */
import { DkmsError } from "../../model/errors.ts";
import { runBash } from "../../system/process/bash.ts";
import type { ImageGenerator } from "./generator.ts";

const presets = "/etc/mkinitcpio.d";

/** Presets are shell files, see mkinitcpio(8). The old name of a Unified Kernel Image counts only without the new one. */
const readPreset = `
. "$1" || exit
for preset in "\${PRESETS[@]}"; do
  image=\${preset}_image uki=\${preset}_uki efi_image=\${preset}_efi_image
  for path in "\${!image}" "\${!uki:-\${!efi_image}}"; do
    [[ -z $path ]] || printf '%s\\0' "$path"
  done
done`;

/** The images that a preset file names, in their order; empty where it names none or cannot be read. This runs what is in it. */
export async function imagesOfPreset(file: string): Promise<readonly string[]> {
  const { stdout } = await runBash(readPreset, [file], { silenceSeconds: 10 });
  return stdout.toString("utf8").split("\0").slice(0, -1);
}

/** All presets of a kernel are written by one run, which also runs the post hooks that sign or copy images. */
export const mkinitcpio: ImageGenerator = {
  program: "mkinitcpio",
  images: async ({ kernel }) => {
    const preset = `${presets}/${kernel}.preset`;
    const [first, ...others] = await imagesOfPreset(preset);
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
