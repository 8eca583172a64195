/** Module packages come, change in every way and go. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { installed, linux, linuxLts, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });

scenario("a module comes", linux.both, async (machine) => {
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
  assert.match(await machine.modinfo(older, "filename", "tiny"), /\/updates\/dkms\/tiny\.ko/);
});

scenario("a module goes", [...linux.both, ...linuxLts.both, tiny], async (machine) => {
  await machine.commit("-R", "tiny-dkms");
  assert.equal(await machine.status(), []);
  assert.equal(await machine.traces("tiny"), []);
  assert.is(await machine.modinfo(newer, "filename", "tiny"), "");
});

scenario("a module is upgraded on two kernels", [...linux.both, ...linuxLts.both, tiny], async (machine) => {
  await machine.commit("-U", tinyNext);
  assert.equal(await machine.status(), [installed("tiny/2.0", older), installed("tiny/2.0", newer)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`, `tiny.c for ${newer}`]);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "2.0");
  assert.equal(await machine.traces("tiny/1.0"), []);
});

scenario("a module is downgraded", [...linux.both, tinyNext], async (machine) => {
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
  assert.equal(await machine.traces("tiny/2.0"), []);
});

const rebuiltPackage = await tinyModule({ name: "tiny", moduleVersion: "1.0", version: "1.0-2" });

scenario("a new pkgrel without a changed byte costs no build", [...linux.both, tiny], async (machine) => {
  await machine.commit("-U", rebuiltPackage);
  assert.is(await machine.need(["pacman", "-Q", "tiny-dkms"]), "tiny-dkms 1.0-2\n");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
  assert.equal(machine.compiled(), []);
});

const patched = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0",
  package: "tiny-patched-dkms",
  replaces: ["tiny-dkms"],
  conflicts: ["tiny-dkms"],
  source: 'MODULE_INFO(flavour, "patched");\n',
});

scenario(
  "another package brings the same version with other bytes: it is rebuilt",
  [...linux.both, tiny],
  async (machine) => {
    await repository(machine, "core", [patched]);
    await machine.commit("-Syu");
    assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
    assert.is(await machine.modinfo(older, "flavour", "tiny"), "patched");
    assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
  },
);

const development = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0.r5.gabcdef",
  package: "tiny-dkms-git",
  replaces: ["tiny-dkms"],
  conflicts: ["tiny-dkms"],
});

scenario("a package is replaced by one with another version of the module", [...linux.both, tiny], async (machine) => {
  await repository(machine, "core", [development]);
  await machine.commit("-Syu");
  assert.equal(await machine.status(), [installed("tiny/1.0.r5.gabcdef", older)]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0.r5.gabcdef");
  assert.equal(machine.list("/var/lib/dkms/tiny"), ["1.0.r5.gabcdef", `kernel-${older}-x86_64`]);
});

const successor = await tinyModule({
  name: "successor",
  moduleVersion: "1.0",
  replaces: ["tiny-dkms"],
  conflicts: ["tiny-dkms"],
});

scenario("one transaction brings a module and takes another away", [...linux.both, tiny], async (machine) => {
  await repository(machine, "core", [successor]);
  await machine.commit("-Syu");
  assert.equal(await machine.status(), [installed("successor/1.0", older)]);
  assert.equal(await machine.traces("tiny"), []);
});

const renamed = (moduleVersion: string): Promise<string> =>
  tinyModule({
    name: "renamed",
    moduleVersion,
    replaces: ["tiny-dkms"],
    conflicts: ["tiny-dkms"],
    conf: 'DEST_MODULE_NAME[0]="tiny"\n',
  });

for (const version of ["1.0", "0.5"]) {
  const successorPackage = await renamed(version);
  scenario(
    `a module is renamed, to version ${version}, and its object is not`,
    [...linux.both, ...linuxLts.both, tiny],
    async (machine) => {
      await repository(machine, "core", [successorPackage]);
      await machine.commit("-Syu");
      assert.equal(await machine.status(), [
        installed(`renamed/${version}`, older),
        installed(`renamed/${version}`, newer),
      ]);
      for (const release of [older, newer]) {
        assert.match(await machine.modinfo(release, "filename", "tiny"), /\/updates\/dkms\/tiny\.ko/);
        assert.is(await machine.modinfo(release, "version", "tiny"), version);
      }
      assert.equal(await machine.traces("dkms/tiny/"), []);
      await machine.commit("-R", "renamed-dkms");
      assert.equal(await machine.traces("tiny"), []);
    },
  );
}

test.run();
