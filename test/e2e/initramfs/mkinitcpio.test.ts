/** mkinitcpio beside its own hook: the image is written once, by whoever is due, and never made worse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
import { linux, linuxLts, linuxNext, newer, scenario } from "../scenario.ts";
import { calls, hookFor, mkinitcpioPackage } from "./stand-ins.ts";

const [modern, former] = await Promise.all([mkinitcpioPackage("41"), mkinitcpioPackage("36")]);
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });
const firmware = await makePackage({
  name: "linux-firmware",
  version: "1-1",
  files: { "usr/lib/firmware/a.bin": "firmware\n" },
});

scenario("version 41: one run for whatever happens", [modern, ...linux.both, tiny], async (machine) => {
  await hookFor(machine, "linux");
  const rows: readonly (readonly [what: string, archives: readonly string[], calls: readonly string[]])[] = [
    ["a module alone: its own hook does it", [tinyNext], ["mkinitcpio -P"]],
    ["headers alone: nobody else does it", [linux.headers], ["mkinitcpio -p linux"]],
    ["headers and firmware: its own hook does it", [linux.headers, firmware], ["mkinitcpio -P"]],
    ["the same once more", [linux.headers, firmware], ["mkinitcpio -P"]],
    ["kernel and headers: its own hook does it", linuxNext.both, ["mkinitcpio -p linux"]],
    ["kernel, headers and module", [...linuxNext.both, tiny], ["mkinitcpio -P"]],
    ["another module", [other], ["mkinitcpio -P"]],
  ];
  for (const [what, archives, expected] of rows) {
    await machine.commit("-U", ...archives);
    assert.equal(calls(machine), expected, what);
  }
  assert.match(machine.read("/boot/initramfs-linux.img"), `usr/lib/modules/${newer}/updates/dkms/tiny.ko`);
  await machine.commit("-R", "tiny-dkms");
  assert.equal(calls(machine), ["mkinitcpio -P"]);
  assert.not.match(machine.read("/boot/initramfs-linux.img"), "tiny.ko");
});

const both = [former, ...linux.both, ...linuxLts.both, tiny];

scenario("version 36: each kernel once", both, async (machine) => {
  await hookFor(machine, "linux", "linux-lts");
  await machine.commit("-U", tinyNext);
  assert.equal(calls(machine).toSorted(), ["mkinitcpio -p linux", "mkinitcpio -p linux-lts"]);
  await machine.commit("-U", linuxLts.headers);
  assert.equal(calls(machine), ["mkinitcpio -p linux-lts"]);
  await machine.commit("-U", linuxLts.kernel, tiny);
  assert.equal(calls(machine).toSorted(), ["mkinitcpio -p linux", "mkinitcpio -p linux-lts"]);
  await machine.commit("-U", other);
  assert.equal(calls(machine), []);
});

scenario("its hook is masked: ours writes for a new kernel, too", [modern, ...linux.both, tiny], async (machine) => {
  await hookFor(machine, "linux");
  await machine.need(["ln", "-s", "/dev/null", "/etc/pacman.d/hooks/90-mkinitcpio-install.hook"]);
  await machine.commit("-U", ...linuxNext.both);
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
  assert.match(machine.read("/boot/initramfs-linux.img"), `${newer}/updates/dkms/tiny.ko`);
});

scenario("by hand no other hook is due", [modern, ...linux.both, tiny], async (machine) => {
  await hookFor(machine, "linux");
  await machine.need(["/usr/lib/dkms-alpm/bin/dkms-initramfs", "mkinitcpio", "linux"], { input: "tiny-dkms\n" });
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
  const stranger = { input: "linux-lts-headers\n" };
  await machine.need(["/usr/lib/dkms-alpm/bin/dkms-initramfs", "mkinitcpio", "linux-lts"], stranger);
  assert.equal(calls(machine), []);
});

test.run();
