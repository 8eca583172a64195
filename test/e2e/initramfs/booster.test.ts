/** booster, whose own hook knows nothing of modules: our hook calls it once for a kernel, and never makes an image worse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxLts, newer, older, scenario } from "../scenario.ts";
import { boosterPackage, calls, failure, forgetting } from "./stand-ins.ts";

const booster = await boosterPackage();
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });

const build = (release: string, kernel: string): string =>
  `booster build --force --kernel-version ${release} /boot/.booster-${kernel}.img.dkms-new`;
const list = (kernel: string): string => `booster ls /boot/.booster-${kernel}.img.dkms-new`;

scenario("an image each", [booster, ...linux.both, ...linuxLts.both], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  await machine.need(["dkms-hookgen", "--generator", "booster", "tiny-dkms", "linux", "linux-lts"]);
  await machine.commit("-U", tiny);
  assert.equal(
    calls(machine).toSorted(),
    [build(older, "linux"), build(newer, "linux-lts"), list("linux"), list("linux-lts")].toSorted(),
  );

  await machine.commit("-U", linux.headers);
  assert.equal(calls(machine), [build(older, "linux"), list("linux")]);
  const before = machine.read("/boot/booster-linux.img");
  assert.match(before, "usr/lib/modules/tiny.ko");
  assert.match(before, `kernel: ${older}\n`);

  machine.write(forgetting, "");
  const output = await machine.commitWithFailure("-U", tinyNext);
  assert.match(output, "booster has left out tiny/1.1, which the image that is there has");
  machine.write(failure, "");
  await machine.commitWithFailure("-U", tiny);
  assert.is(machine.read("/boot/booster-linux.img"), before);
  assert.equal(machine.list("/boot"), ["booster-linux-lts.img", "booster-linux.img"]);
});

test.run();
