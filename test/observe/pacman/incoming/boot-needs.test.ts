/** What tells which modules a machine needs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { freshHook } from "../../../../src/decide/hookgen/template.ts";
import { hookedPackages, rootTypeOf } from "../../../../src/observe/pacman/incoming/boot-needs.ts";
import { packageOfFile } from "../../../../src/observe/pacman/incoming/candidates.ts";

const wiki = `[Trigger]
Operation=Install
Type=Package
Target=zfs-dkms
Target=linux-lts
[Action]
When=PostTransaction
Exec=/bin/sh -c 'true'
`;

test("hooks of dkms-hookgen, of the wiki, of others", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-alpm-hooks-"));
  const hooks = {
    "90-mkinitcpio-dkms-linux.hook": freshHook(
      { generator: "mkinitcpio", kernel: "linux" },
      ["evdi", "r8168-dkms"],
      "exec",
    ),
    "90-mkinitcpio-dkms-linux-lts.hook": wiki,
    "90-dracut-dkms-linux-zen.hook": "[Trigger]\nType = Package\nTarget\n",
    "91-mkinitcpio-dkms-linux.hook": wiki,
    "90-mkinitcpio-install.hook": wiki,
  };
  for (const [name, text] of Object.entries(hooks)) writeFileSync(join(directory, name), text);
  assert.equal([...hookedPackages(directory).hooked].toSorted(), [
    ["evdi", "90-mkinitcpio-dkms-linux.hook"],
    ["r8168-dkms", "90-mkinitcpio-dkms-linux.hook"],
    ["zfs-dkms", "90-mkinitcpio-dkms-linux-lts.hook"],
  ]);
  rmSync(directory, { recursive: true });
  assert.is(hookedPackages(directory).hooked.size, 0);
});

test("the type of the root file system", () => {
  const text = `22 1 0:20 / / rw shared:1 - zfs zroot/ROOT rw\n23 22 0:21 / /proc rw - proc proc rw\n`;
  assert.is(rootTypeOf(text), "zfs");
  assert.is(rootTypeOf(`1 1 0:2 / / rw - rootfs none rw\n${text}`), "zfs");
  assert.is(rootTypeOf(""), undefined);
});

const names: readonly (readonly [string, string | undefined])[] = [
  ["linux-headers-6.6.1.arch1-1-x86_64.pkg.tar.zst", "linux-headers"],
  ["zfs-dkms-1:2.2.2-1-any.pkg.tar.xz", "zfs-dkms"],
  ["plain-1-1-any.pkg.tar", "plain"],
  ["linux-6.6-1-x86_64.pkg.tar.zst.sig", undefined],
  ["linux-6.6-1-x86_64.pkg.tar.zst.part", "linux"],
  ["notes.txt", undefined],
];
for (const [fileName, name] of names) {
  test(`the package of ${fileName}`, () => assert.is(packageOfFile(fileName.replace(/\.part$/, "")), name));
}

test.run();
