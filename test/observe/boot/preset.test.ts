/** Presets of mkinitcpio read as data, and mount points that are empty. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { unmountedAbove, unmountedPoints } from "../../../src/observe/boot/mounts.ts";
import { parsePreset } from "../../../src/observe/boot/preset.ts";

const stock = `# mkinitcpio preset file for the 'linux' package

#ALL_config="/etc/mkinitcpio.conf"
ALL_kver="/boot/vmlinuz-linux"

PRESETS=('default' 'fallback')

#default_config="/etc/mkinitcpio.conf"
default_image="/boot/initramfs-linux.img"
#default_uki="/efi/EFI/Linux/arch-linux.efi"
default_options="--splash /usr/share/systemd/bootctl/splash-arch.bmp"

fallback_image='/boot/initramfs-linux-fallback.img'
fallback_options="-S autodetect"
`;

const image = (name: string, changes: object) => ({
  name,
  kernel: undefined,
  image: undefined,
  uki: undefined,
  ...changes,
});

test("the preset that mkinitcpio makes", () => {
  const kernel = "/boot/vmlinuz-linux";
  assert.equal(parsePreset(stock), {
    kind: "plain",
    images: [
      image("default", { kernel, image: "/boot/initramfs-linux.img" }),
      image("fallback", { kernel, image: "/boot/initramfs-linux-fallback.img" }),
    ],
  });
});

const rows: readonly (readonly [title: string, text: string, images: readonly object[]])[] = [
  [
    "a Unified Kernel Image",
    "PRESETS=(default)\ndefault_uki=/efi/a.efi # mine",
    [image("default", { uki: "/efi/a.efi" })],
  ],
  ["its former name", 'PRESETS=("default")\ndefault_efi_image="/efi/a.efi"', [image("default", { uki: "/efi/a.efi" })]],
  ["a list over several lines", "PRESETS=('a'\n  'b')", [image("a", {}), image("b", {})]],
  ["default comes first", "PRESETS=(fallback default)", [image("default", {}), image("fallback", {})]],
  ["a kernel of its own", "PRESETS=(a)\nALL_kver=1\na_kver=2", [image("a", { kernel: "2" })]],
  ["a later line counts", "PRESETS=(a)\na_image=/x\na_image=/y", [image("a", { image: "/y" })]],
  ["an empty value is none", 'PRESETS=(a)\na_image=""', [image("a", {})]],
  [
    "Arch Linux ARM's, which names a release and no file",
    `# mkinitcpio preset file for the 'linux-aarch64' package
ALL_config="/etc/mkinitcpio.conf"
ALL_kver="6.2.10-1-aarch64-ARCH"
PRESETS=('default')
default_image="/boot/initramfs-linux.img"`,
    [image("default", { kernel: "6.2.10-1-aarch64-ARCH", image: "/boot/initramfs-linux.img" })],
  ],
  ["nothing", "", []],
];

for (const [title, text, images] of rows) test(title, () => assert.equal(parsePreset(text), { kind: "plain", images }));

for (const [line, text] of [
  [1, 'ALL_kver="/boot/vmlinuz-$(uname -r)"'],
  [2, "# a comment\n. /etc/other"],
  [1, "default_image=`ls`"],
  [1, 'default_image="$dir/x"'],
  [1, "PRESETS+=('a')"],
  [1, "default_image=/a; rm -rf /"],
  [1, "default_image=/a/*"],
  [1, "if true; then"],
  [1, "PRESETS=('a'"],
  [1, 'default_image="/a'],
] as const) {
  test(`more than an assignment: ${text}`, () => assert.equal(parsePreset(text), { kind: "code", line }));
}

test("mount points of fstab where nothing is mounted", () => {
  const fstab =
    "# <file system>\nUUID=1 / ext4 rw 0 1\nUUID=2 /boot vfat rw 0 2\nUUID=3 /efi/ vfat rw\nUUID=4 none swap sw\nUUID=5 /my\\040disk ext4 rw\n";
  const mounts =
    "22 1 8:1 / / rw - ext4 /dev/a rw\n23 22 8:2 / /efi rw - vfat /dev/b rw\n24 22 8:3 / /my\\040disk rw - ext4 /dev/c rw\n";
  assert.equal(unmountedPoints(fstab, mounts), ["/boot"]);
  assert.is(unmountedAbove("/boot/vmlinuz-linux", ["/boot", "/boot/efi"]), "/boot");
  assert.is(unmountedAbove("/boot/efi/a.efi", ["/boot", "/boot/efi"]), "/boot/efi");
  assert.is(unmountedAbove("/boots", ["/boot"]), undefined);
});

test.run();
