/** `dkms-hookgen --style shell --stdout` beside the wiki's hook: in every transaction both run the generator, or neither does. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxLts, linuxNext, scenario } from "../scenario.ts";
import { calls, mkinitcpioPackage } from "./stand-ins.ts";

const mkinitcpio = await mkinitcpioPackage("36");
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });

/** What people have in /etc/pacman.d/hooks after the wiki's page on DKMS; it runs its generator under another name here. */
const wikiHook = `[Trigger]
Operation=Install
Operation=Upgrade
Operation=Remove
Type=Package
Target=tiny-dkms
Target=linux

[Action]
Description=Updating dkms initcpio
Depends=mkinitcpio
When=PostTransaction
NeedsTargets
Exec=/bin/sh -c 'while read -r trg; do case $trg in linux) exit 0; esac; done; /usr/bin/wiki-mkinitcpio -p linux'
`;

const start = [mkinitcpio, ...linux.both];

scenario("the same transactions, the same runs", start, async (machine) => {
  const hook = "/etc/pacman.d/hooks/90-mkinitcpio-dkms-linux.hook";
  const command = "dkms-hookgen tiny-dkms linux --generator mkinitcpio --style shell --stdout";
  machine.write(hook, await machine.need(command.split(" ")));
  machine.write("/etc/pacman.d/hooks/90-wiki.hook", wikiHook);
  machine.write("/usr/bin/wiki-mkinitcpio", machine.read("/usr/bin/mkinitcpio"), 0o755);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  // mkinitcpio's own hook would mix its runs with ours.
  machine.remove("/usr/share/libalpm/hooks/90-mkinitcpio-install.hook");
  calls(machine);
  const ran = ["mkinitcpio -p linux", "wiki-mkinitcpio -p linux"];
  const rows: readonly (readonly [what: string, words: readonly string[], calls: readonly string[]])[] = [
    ["a module arrives", ["-U", tiny], ran],
    ["a module is upgraded", ["-U", tinyNext], ran],
    ["another kernel comes with the module", ["-U", ...linuxLts.both, tiny], ran],
    ["and goes", ["-R", "linux-lts", "linux-lts-headers"], []],
    ["the kernel is upgraded", ["-U", ...linuxNext.both], []],
    ["kernel and module", ["-U", linux.kernel, linux.headers, tiny], []],
    ["another module", ["-U", other], []],
    ["the module goes", ["-R", "tiny-dkms"], ran],
  ];
  for (const [what, words, expected] of rows) {
    await machine.commit(...words);
    assert.equal(calls(machine), expected, what);
  }
  // The wiki's hook forgets that a module is built anew when only headers come.
  await machine.commit("-U", tiny);
  calls(machine);
  await machine.commit("-U", linux.headers);
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
});

scenario("the other generators: a run for the kernel's release", linux.both, async (machine) => {
  const recorder = '#!/bin/sh\necho "${0##*/} $*" >>/var/log/generator-calls\n';
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  for (const generator of ["dracut", "booster"]) {
    machine.remove(`/usr/bin/${generator}`);
    machine.write(`/usr/bin/${generator}`, recorder, 0o755);
    await machine.need(["dkms-hookgen", "tiny-dkms", "linux", "--generator", generator, "--style", "shell"]);
  }
  await machine.commit("-U", tiny);
  assert.equal(calls(machine), [
    `booster build --force --kernel-version ${linux.release} /boot/booster-linux.img`,
    `dracut --force --hostonly --no-hostonly-cmdline --kver ${linux.release} /boot/initramfs-linux.img`,
  ]);
  await machine.commit("-U", linux.kernel);
  assert.equal(calls(machine), []);
});

test.run();
