/** Builds that fail, kernels that a module is not meant for, and transactions that are refused: nothing that worked is lost. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import {
  installed,
  linux,
  linuxLts,
  linuxNext,
  newer,
  newerPattern,
  older,
  olderPattern,
  scenario,
} from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const fails = await tinyModule({ name: "tiny", moduleVersion: "2.0", fails: { release: newer } });
const fixed = await tinyModule({ name: "tiny", moduleVersion: "3.0" });
const both = [...linux.both, ...linuxLts.both];

scenario(
  "where the new version does not build, the old one stays until a better one comes",
  [...both, tiny],
  async (machine) => {
    const output = await machine.commitWithFailure("-U", fails);
    assert.match(output, /tiny\.c:\d+:\d+: error: #error "tiny does not build for this kernel"/);
    assert.match(output, `/var/log/dkms-alpm/tiny-2.0-${newer}-x86_64.log`);
    assert.match(output, "     installed: tiny/1.0\n");
    assert.not.match(output, "ready to boot");
    assert.ok((await machine.status()).includes(installed("tiny/2.0", older)));
    assert.is(await machine.modinfo(older, "version", "tiny"), "2.0");
    assert.is(await machine.modinfo(newer, "version", "tiny"), "1.0");

    await machine.commit("-U", fixed);
    assert.equal(await machine.status(), [installed("tiny/3.0", older), installed("tiny/3.0", newer)]);
    assert.is(await machine.modinfo(newer, "version", "tiny"), "3.0");
    assert.equal(await machine.traces("tiny/1.0"), []);
    assert.equal(await machine.traces("tiny/2.0"), []);
    assert.not.match(output, /tiny\/1\.0.*not attempted/, "the old version was never to be built");
  },
);

scenario("a module that fails for the new kernel keeps no other from it", [...linux.both, fails], async (machine) => {
  const other = await tinyModule({ name: "other", moduleVersion: "3" });
  const output = await machine.commitWithFailure("-U", ...linuxNext.both, other);
  assert.equal(await machine.status(), [installed("other/3", newer), "tiny/2.0: added"]);
  assert.match(output, "tiny/2.0");
  assert.equal(await machine.traces(older), []);
});

scenario("a kernel that BUILD_EXCLUSIVE leaves out is skipped, and that is no failure", both, async (machine) => {
  const conf = `BUILD_EXCLUSIVE_KERNEL="^${olderPattern}$"\n`;
  const exclusive = await tinyModule({ name: "tiny", moduleVersion: "1.0", conf });
  const output = await machine.commit("-U", exclusive);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
  assert.match(output, new RegExp(`tiny/1\\.0.*not meant for.*${newerPattern}`));
});

scenario(
  "a hook that finds nothing to do clears away what a killed removal has left",
  [...linux.both, tiny],
  async (machine) => {
    // Under such a name a module goes, so that nobody sees the half of it.
    const half = "/var/lib/dkms/tiny/.old_0.9_x";
    await machine.need(["mkdir", "-p", `${half}/${older}/x86_64/module`]);
    await machine.commit("-U", ...linux.both);
    assert.not.ok(machine.exists(half));
    assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  },
);

const refusal = `[Trigger]
Type = Package
Operation = Upgrade
Operation = Remove
Target = *
[Action]
When = PreTransaction
Exec = /bin/false
AbortOnFail
`;

for (const [what, args] of [
  ["an upgrade of kernel and module", ["-U", ...linuxNext.both, fixed]],
  ["a removal", ["-R", "tiny-dkms", "linux", "linux-headers"]],
] as const) {
  scenario(
    `${what} that another hook refuses at the last moment costs nothing`,
    [...linux.both, tiny],
    async (machine) => {
      machine.write("/etc/pacman.d/hooks/99-zz-refuse.hook", refusal);
      const before = await machine.snapshot();
      const { status, output } = await machine.pacman(...args);
      assert.is(status, 1);
      assert.match(output, "failed to commit transaction");
      assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
      assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
      assert.equal(await machine.changesSince(before), []);

      machine.remove("/etc/pacman.d/hooks/99-zz-refuse.hook");
      await machine.commit(...args);
      assert.equal(await machine.status(), args[0] === "-R" ? [] : [installed("tiny/3.0", newer)]);
      assert.equal(await machine.traces(older), []);
    },
  );
}

test.run();
