/** Programs that come with hooks of their own: who runs before whom. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, scenario } from "../scenario.ts";

const fails = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });

/** As snap-pac has it: a snapshot before every transaction. */
const snapshotHook = `[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Package
Target = *

[Action]
When = PreTransaction
Exec = /bin/sh -c 'echo taken >>/root/snapshots'
AbortOnFail
`;

scenario("a refusal leaves no snapshot of snap-pac", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
  machine.write("/usr/share/libalpm/hooks/05-snap-pac-pre.hook", snapshotHook);
  assert.is((await machine.pacman("-U", ...linuxNext.both)).status, 1);
  assert.not.ok(machine.exists("/root/snapshots"));
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  await machine.pacman("-U", ...linuxNext.both);
  assert.is(machine.read("/root/snapshots"), "taken\n");
});

test.run();
