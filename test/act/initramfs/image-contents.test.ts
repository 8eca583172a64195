import { test } from "uvu";
import * as assert from "uvu/assert";
import { lackingModules } from "../../../src/act/initramfs/image-contents.ts";
import { parseListing } from "../../../src/observe/boot/listing.ts";

const listings: readonly (readonly [generator: string, listing: string])[] = [
  ["lsinitcpio", "init\nusr/lib/modules/6.6.1-arch1-1/kernel/zfs.ko.zst\nusr/lib/modules/6.6.1-arch1-1/modules.dep\n"],
  [
    "lsinitrd",
    "Image: /boot/initramfs-linux.img: 12M\n====\n-rw-r--r--   1 root     root         4096 Nov 21  2023 usr/lib/modules/6.6.1-arch1-1/updates/dkms/zfs.ko.xz\n",
  ],
  ["booster ls", "usr/lib/modules/6.6.1-arch1-1/zfs.ko\nusr/lib/modules/6.6.1-arch1-1/booster.alias\n"],
];

for (const [generator, listing] of listings) {
  test(`reads what ${generator} prints`, () => {
    const contents = parseListing(listing);
    assert.equal([...contents.objects], ["zfs"]);
    assert.equal([...contents.releases], ["6.6.1-arch1-1"]);
  });
}

test("one object of a module is enough, under either spelling", () => {
  const contents = parseListing("lib/modules/1/kernel/nvidia-drm.ko\n");
  const nvidia = { module: "nvidia/1", objects: ["nvidia", "nvidia_drm"] };
  const zfs = { module: "zfs/2", objects: ["zfs", "spl"] };
  assert.equal(lackingModules(contents, [nvidia, zfs]), [zfs]);
  assert.equal(lackingModules(parseListing("usr/share/doc/zfs.ko.txt\n"), [zfs]), [zfs]);
});

test.run();
