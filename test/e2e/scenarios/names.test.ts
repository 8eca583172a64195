/** Names that mislead, and targets that are many or odd. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxNext, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const misleading = await tinyModule({
  name: "genuine",
  moduleVersion: "1.0-rc2-3",
  version: "1.0_rc2_3-1",
  folder: "tiny-9.9",
});

scenario(
  "a module is what its dkms.conf says, not what its folder is called",
  [...linux.both, tiny],
  async (machine) => {
    await machine.commit("-U", misleading);
    assert.equal(await machine.status(), [installed("genuine/1.0-rc2-3", older), installed("tiny/1.0", older)]);
    assert.is(await machine.modinfo(older, "version", "genuine"), "1.0-rc2-3");

    await machine.commit("-U", ...linuxNext.both);
    assert.equal(await machine.status(), [installed("genuine/1.0-rc2-3", newer), installed("tiny/1.0", newer)]);

    await machine.commit("-R", "genuine-dkms");
    assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
    assert.equal(await machine.traces("genuine"), []);
    assert.equal(await machine.traces("rc2"), []);
  },
);

const program = "/usr/lib/dkms-alpm/bin/dkms-install";

scenario("50 000 targets are read and dealt with", linux.both, async (machine) => {
  for (const hook of machine.list("/usr/share/libalpm/hooks")) machine.remove(`/usr/share/libalpm/hooks/${hook}`);
  await machine.commit("-U", tiny);
  assert.equal(machine.compiled(), []);
  const lines = Array.from({ length: 50_000 }, (_, index) => `usr/src/module-${index}/dkms.conf`);
  lines.push(`usr/lib/modules/${older}/modules.order`);
  const { status, output } = await machine.run([program], { input: `${lines.join("\n")}\n`, timeout: 30 });
  assert.is(status, 0, output);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
});

const oddTargets = [
  "",
  " ",
  "linux",
  "--help",
  "usr/src/../../etc/passwd/dkms.conf",
  "usr/src//dkms.conf",
  "usr/src/./dkms.conf",
  "usr/src/$(touch -- $(printf /srv/ran))/dkms.conf",
  "usr/src/;touch /srv/ran;/dkms.conf",
  "usr/src/with blank-1.0/dkms.conf",
  "usr/src/'quote\"-1.0/dkms.conf",
  "usr/src/modul\u00e9-1.0/dkms.conf",
  "usr/src/\u001b[31mred-1.0/dkms.conf",
  "usr/src/-k-1.0/dkms.conf",
  `usr/src/${"x".repeat(10_000)}/dkms.conf`,
  "usr/lib/modules/../../../etc/build/include/",
  "usr/lib/modules//modules.order",
  "usr/lib/modules/*/modules.order",
  "/usr/lib/modules/absolute/modules.order",
  `usr/lib/modules/${older}/build/include/not-that-one`,
  "usr/lib/modules/no-such-kernel/modules.order",
];

for (const name of ["dkms-install", "dkms-remove"]) {
  scenario(`${name} is led nowhere by odd targets`, [...linux.both, tiny], async (machine) => {
    const before = await machine.snapshot();
    const input = `${oddTargets.join("\n")}\n`;
    const { status, output } = await machine.run([`/usr/lib/dkms-alpm/bin/${name}`], { input });
    assert.is(status, 0, output);
    assert.not.match(output, "\u001b");
    assert.not.ok(machine.exists("/srv/ran"));
    assert.equal(await machine.changesSince(before), []);
  });
}

test.run();
