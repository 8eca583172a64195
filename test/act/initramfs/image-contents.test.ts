import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { booster } from "../../../src/act/initramfs/booster.ts";
import { lackingModules, readImage } from "../../../src/act/initramfs/image-contents.ts";
import { parseListing } from "../../../src/observe/boot/listing.ts";
import { cpioImage } from "../../observe/boot/made-files.ts";

const release = "6.6.1-arch1-1";
const listings: readonly (readonly [generator: string, listing: string, releases: readonly string[]])[] = [
  [
    "lsinitcpio",
    "init\nusr/lib/modules/6.6.1-arch1-1/kernel/zfs.ko.zst\nusr/lib/modules/6.6.1-arch1-1/modules.dep\n",
    [release],
  ],
  [
    "lsinitrd",
    "Image: /boot/initramfs-linux.img: 12M\n====\n-rw-r--r--   1 root     root         4096 Nov 21  2023 usr/lib/modules/6.6.1-arch1-1/updates/dkms/zfs.ko.xz\n",
    [release],
  ],
  ["booster ls", "usr/lib/modules/zfs.ko\nusr/lib/modules/booster.alias\n", []],
];

for (const [generator, listing, releases] of listings) {
  test(`reads what ${generator} prints`, () => {
    const contents = parseListing(listing);
    assert.equal([...contents.objects], ["zfs"]);
    assert.equal([...contents.releases], releases);
  });
}

test("the kernel of booster's image", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-booster-"));
  const image = join(directory, "booster-linux.img");
  try {
    for (const [settings, releases] of [
      ["builtinmodules:\n    kernel: {}\nkernel: 6.6.1-arch1-1\nmounttimeout: 180\n", [release]],
      ['kernel: "6.6"\n', ["6.6"]],
      ["enablelvm: true\n", []],
    ] as const) {
      const files = { "usr/lib/modules/zfs.ko": "zfs", "etc/booster.init.yaml": settings };
      writeFileSync(image, cpioImage(files));
      const lister = (path: string) => ["bsdtar", "-tf", path] as const;
      const contents = await readImage({ ...booster, lister }, image);
      assert.equal([...(contents?.objects ?? [])], ["zfs"]);
      assert.equal([...(contents?.releases ?? [])], releases);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("one object of a module is enough, under either spelling", () => {
  const contents = parseListing("lib/modules/1/kernel/nvidia-drm.ko\n");
  const nvidia = { module: "nvidia/1", objects: ["nvidia", "nvidia_drm"] };
  const zfs = { module: "zfs/2", objects: ["zfs", "spl"] };
  assert.equal(lackingModules(contents, [nvidia, zfs]), [zfs]);
  assert.equal(lackingModules(parseListing("usr/share/doc/zfs.ko.txt\n"), [zfs]), [zfs]);
});

test.run();
