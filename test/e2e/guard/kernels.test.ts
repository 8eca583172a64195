/** Which kernels count: a module that is not lost is no reason to refuse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelPackages } from "../kernel-packages.ts";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
import { linux, linuxLts, linuxNext, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const required = "[Guard]\nRequire = tiny\n";
const newest = "6.1.0-99-cloud-amd64";
const lts = await kernelPackages({ pkgbase: "linux-lts", release: older });

/** No more than what makes it a kernel. */
const ltsNext = await makePackage({
  name: "linux-lts",
  version: "6.1.99-1",
  files: {
    [`usr/lib/modules/${newest}/pkgbase`]: "linux-lts\n",
    [`usr/lib/modules/${newest}/vmlinuz`]: "",
    [`usr/lib/modules/${newest}/modules.order`]: "",
  },
});

scenario(
  "a kernel without headers and without the module is upgraded",
  [...linuxNext.both, lts.kernel],
  async (machine) => {
    await machine.commitWithFailure("-U", tiny);
    machine.write("/etc/dkms-alpm.conf", required);
    const { status, output } = await machine.pacman("-U", ltsNext);
    assert.is(status, 0, output);
    assert.not.match(output, /refused|will not have/);
    assert.equal(machine.list("/usr/lib/modules"), [newer, newest].toSorted());
  },
);

scenario("a kernel without its headers would lose the module", [...linux.both, tiny], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  const refused = await machine.pacman("-U", linuxNext.kernel);
  assert.is(refused.status, 1, refused.output);
  assert.match(
    refused.output,
    `ERROR: Kernel ${newer}: its headers neither come with it nor are they installed, so it will not have tiny`,
  );
  assert.match(refused.output, "leave out: linux");
  assert.equal(machine.list("/usr/lib/modules"), [older]);

  const first = await machine.pacman("-U", linuxNext.headers);
  assert.is(first.status, 0, first.output);
  const second = await machine.pacman("-U", linuxNext.kernel);
  assert.is(second.status, 0, second.output);
  assert.match(second.output, `==> [1/1] tiny/1.0 for linux ${newer} builds (`);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "1.0");
});

scenario(
  "a module that never built for a kernel keeps nobody from upgrading it",
  [...linux.both, ...linuxLts.both],
  async (machine) => {
    const fussy = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
    await machine.commitWithFailure("-U", fussy);
    machine.write("/etc/dkms-alpm.conf", required);
    const again = await machine.pacman("-U", ...linuxLts.both);
    assert.is(again.status, 0, again.output);
    assert.match(again.output, /WARNING: Building tiny/);
  },
);

test.run();
