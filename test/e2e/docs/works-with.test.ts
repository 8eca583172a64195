/** Programs that come with hooks of their own, in the format of their packages: who runs before whom, and what they find. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mkinitcpioPackage } from "../initramfs/stand-ins.ts";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
import { installed, linux, linuxNext, newer, older, type Scene, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const fails = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const mkinitcpio = await mkinitcpioPackage("41");
const log = "/root/calls";

/** What the stand-ins have noted since the last call, a line each. */
function calls(machine: Scene): readonly string[] {
  const lines = machine.exists(log) ? machine.read(log).trimEnd().split("\n") : [];
  machine.remove(log);
  return lines;
}

/** A program that notes its words, and which objects of the module and which lines of the report there are. */
const noting = `#!/bin/sh
set -- "\${0##*/} $*" /usr/lib/modules/*/updates/dkms/tiny.ko*
for object; do :; done
[ -e "$object" ] && object=\${object#/usr/lib/modules/} || object=none
echo "$1: \${object%%/*}" >>${log}
`;

const all = "Operation = Upgrade\nOperation = Install\nOperation = Remove";
const snapPac = await makePackage({
  name: "snap-pac",
  version: "3.0.1-4",
  files: {
    "usr/share/libalpm/scripts/snap-pac": { text: noting, mode: 0o755 },
    "usr/share/libalpm/hooks/05-snap-pac-pre.hook": `[Trigger]
${all}
Type = Package
Target = *

[Action]
Description = Performing snapper pre snapshots for the following configurations...
Depends = snap-pac
When = PreTransaction
Exec = /usr/share/libalpm/scripts/snap-pac pre
NeedsTargets
AbortOnFail
`,
    "usr/share/libalpm/hooks/zz-snap-pac-post.hook": `[Trigger]
${all}
Type = Package
Target = *

[Action]
Description = Performing snapper post snapshots for the following configurations...
Depends = snap-pac
When = PostTransaction
Exec = /usr/share/libalpm/scripts/snap-pac post
NeedsTargets
`,
  },
});

scenario(
  "snap-pac: no refusal leaves a lone snapshot, and the last one has the modules",
  [...linux.both],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
    await machine.commit("-U", fails, snapPac);
    calls(machine);
    assert.is((await machine.pacman("-U", ...linuxNext.both)).status, 1);
    assert.is((await machine.pacman("-R", "tiny-dkms")).status, 1);
    assert.is((await machine.pacman("-R", "linux", "linux-headers")).status, 1);
    assert.equal(calls(machine), []);
    await machine.commit("-U", tiny);
    const output = await machine.commit("-U", ...linuxNext.both);
    const before = [`snap-pac pre: ${older}`, `snap-pac post: ${older}`];
    assert.equal(calls(machine), [...before, before[0], `snap-pac post: ${newer}`]);
    assert.ok(
      output.indexOf("Performing snapper post") < output.lastIndexOf(`tiny 1.0 is installed for linux ${newer}`),
    );
  },
);

const sbctl = await makePackage({
  name: "sbctl",
  version: "0.18-1",
  files: {
    "usr/bin/sbctl": { text: noting, mode: 0o755 },
    "usr/share/libalpm/hooks/zz-sbctl.hook": `[Trigger]
Type = Path
Operation = Install
Operation = Upgrade
Operation = Remove
Target = boot/*
Target = efi/*
Target = usr/lib/modules/*/vmlinuz
Target = usr/lib/modules/*/extramodules/*
Target = usr/lib/**/efi/*.efi*

[Action]
Description = Signing EFI binaries...
When = PostTransaction
Exec = /usr/bin/sbctl sign-all -g
`,
  },
});

/** What limine-snapper-sync and hooks that call grub-mkconfig have in common: letters, which sort after all digits. */
const bootMenus = await makePackage({
  name: "boot-menus",
  version: "1-1",
  files: {
    "usr/bin/limine-snapper-sync": { text: noting, mode: 0o755 },
    "usr/bin/grub-mkconfig": { text: noting, mode: 0o755 },
    ...Object.fromEntries(
      [
        ["limine-snapper-sync", "limine-snapper-sync"],
        ["zz-grub-mkconfig", "grub-mkconfig -o /boot/grub/grub.cfg"],
      ].map(([name, command]) => [
        `usr/share/libalpm/hooks/${name}.hook`,
        `[Trigger]\n${all}\nType = Path\nTarget = usr/lib/modules/*/vmlinuz\n\n[Action]\nWhen = PostTransaction\nExec = /usr/bin/${command}\n`,
      ]),
    ),
  },
});

scenario(
  "sbctl, limine and GRUB: they find the modules installed, and the report comes after them",
  [...linux.both, mkinitcpio],
  async (machine) => {
    machine.remove("/usr/bin/dracut");
    await machine.commit("-U", tiny, sbctl, bootMenus);
    calls(machine);
    const output = await machine.commit("-U", ...linuxNext.both);
    assert.equal(calls(machine), [
      `limine-snapper-sync : ${newer}`,
      `grub-mkconfig -o /boot/grub/grub.cfg: ${newer}`,
      `sbctl sign-all -g: ${newer}`,
    ]);
    const order = ["Building and installing DKMS", "Updating linux initcpios", "Signing EFI binaries", "for linux"];
    const places = order.map((words) => output.lastIndexOf(words));
    assert.equal(
      places,
      places.toSorted((a, b) => a - b),
      output,
    );
    assert.ok((places[0] ?? -1) > 0, output);
  },
);

const copy = "cp -a --no-clobber";
const modulesHook = await makePackage({
  name: "kernel-modules-hook",
  version: "0.1.7-4",
  files: {
    "usr/share/libalpm/hooks/10-linux-modules-pre.hook": `[Trigger]
Operation = Install
Operation = Upgrade
Type = Path
Target = usr/lib/modules/*/vmlinuz

[Action]
Description = Saving Linux kernel modules...
When = PreTransaction
Exec = /bin/sh -c 'if test -e "/usr/lib/modules/\${KVER}"; then mkdir -p /usr/lib/modules/backup && ${copy} "/usr/lib/modules/\${KVER}" /usr/lib/modules/backup/; fi'
`,
    "usr/share/libalpm/hooks/10-linux-modules-post.hook": `[Trigger]
Operation = Install
Operation = Upgrade
Type = Path
Target = usr/lib/modules/*/vmlinuz

[Action]
Description = Restoring Linux kernel modules...
When = PostTransaction
Exec = /bin/sh -c 'if test -e "/usr/lib/modules/backup/\${KVER}"; then ${copy} "/usr/lib/modules/backup/\${KVER}" /usr/lib/modules/; fi; rm -rf /usr/lib/modules/backup'
`,
  },
});

scenario("kernel-modules-hook: the running kernel keeps its modules", [...linux.both], async (machine) => {
  await machine.commit("-U", tiny, modulesHook);
  const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", ...linuxNext.both], {
    env: { KVER: older },
    timeout: 300,
  });
  assert.is(status, 0, output);
  assert.not.match(output, /ERROR|WARNING/);
  assert.equal(await machine.status(), [installed("tiny/1.0", older), installed("tiny/1.0", newer)]);
  for (const release of [older, newer])
    assert.is((await machine.modinfo(release, "vermagic", "tiny")).split(" ")[0], release);
  // What its service does at the next boot.
  machine.remove(`/usr/lib/modules/${older}`);
  await machine.need(["dkms", "prune"]);
  assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
});

scenario(
  "a helper that hands no variables on: the policy is set once by dkms guard",
  [...linux.both],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
    await machine.commit("-U", fails);
    // As sudo starts pacman for paru and yay: what their user has set does not arrive.
    const helper = ["env", "-i", "PATH=/usr/bin", "pacman", "--noconfirm", "-U", ...linuxNext.both];
    const refused = await machine.run(helper, { env: { DKMS_GUARD: "warn" }, timeout: 300 });
    assert.is(refused.status, 1, refused.output);
    assert.match(refused.output, "dkms guard --once warn");
    await machine.need(["dkms", "guard", "--once", "warn"]);
    const carried = await machine.run(helper, { timeout: 300 });
    assert.is(carried.status, 0, carried.output);
    assert.equal(machine.list("/usr/lib/modules"), [newer]);
  },
);

test.run();
