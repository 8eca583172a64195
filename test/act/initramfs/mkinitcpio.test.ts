/** The images that a preset of mkinitcpio names. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { imagesOfPreset } from "../../../src/act/initramfs/mkinitcpio.ts";
import { withTemporaryFile } from "../../../src/system/temporary.ts";

for (const [title, text, images] of [
  ["each preset has its own", 'PRESETS=(a b)\na_image=/a.img\nb_image="/b.img"\n', ["/a.img", "/b.img"]],
  ["an image and a Unified Kernel Image", "PRESETS=(a)\na_image=/a.img\na_uki=/a.efi\n", ["/a.img", "/a.efi"]],
  ["the former name of the latter", "PRESETS=(a)\na_efi_image=/a.efi\n", ["/a.efi"]],
  ["of both names the present one", "PRESETS=(a)\na_uki=/new.efi\na_efi_image=/old.efi\n", ["/new.efi"]],
  ["none", "PRESETS=(a)\n", []],
] as const) {
  test(title, async () => {
    const found = await withTemporaryFile("linux.preset", Buffer.from(text), (file) => imagesOfPreset(file));
    assert.equal(found, images);
  });
}

test.run();
