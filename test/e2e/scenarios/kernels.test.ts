/** Kernels come, are upgraded and go; modules follow. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { installed, linux, linuxLts, linuxNext, newer, older, olderPattern, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const other = await tinyModule({ name: "other", moduleVersion: "3" });

scenario("two kernels, their headers and two modules in one transaction", [], async (machine) => {
  await machine.commit("-U", ...linux.both, ...linuxLts.both, tiny, other);
  assert.equal(await machine.status(), [
    installed("other/3", older),
    installed("other/3", newer),
    installed("tiny/1.0", older),
    installed("tiny/1.0", newer),
  ]);
  assert.equal(machine.compiled(), [
    `other.c for ${older}`,
    `other.c for ${newer}`,
    `tiny.c for ${older}`,
    `tiny.c for ${newer}`,
  ]);
  for (const release of [older, newer]) {
    assert.ok((await machine.modinfo(release, "vermagic", "tiny")).startsWith(`${release} `));
  }
});

scenario("a kernel is upgraded", [...linux.both, tiny], async (machine) => {
  await repository(machine, "core", linuxNext.both);
  await machine.commit("-Syu");
  assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
  assert.is(await machine.modinfo(newer, "version", "tiny"), "1.0");
  assert.equal(machine.list("/usr/lib/modules"), [newer]);
  assert.equal(await machine.traces(older), []);
});

scenario("a kernel is upgraded and its headers follow later", [...linux.both, tiny], async (machine) => {
  const first = await machine.pacman("-U", linuxNext.kernel);
  assert.is(first.status, 0);
  assert.match(first.output, `There are headers for ${older}, which is another release.`);
  assert.match(first.output, "pacman -Syu linux linux-headers");
  await machine.commit("-U", linuxNext.headers);
  assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
  assert.equal(await machine.traces(older), []);
});

scenario("headers only: they come, come again and go", [tiny], async (machine) => {
  const { status, output } = await machine.pacman("-U", linux.kernel);
  assert.is(status, 0);
  assert.match(output, new RegExp(`headers of kernel ${olderPattern}`));
  assert.match(output, "pacman -S linux-headers");
  assert.equal(machine.compiled(), []);

  await machine.commit("-U", linux.headers);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);

  await machine.commit("-U", linux.headers);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), []);

  await machine.commit("-R", "linux-headers");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
});

scenario("one of two kernels is removed", [...linux.both, ...linuxLts.both, tiny], async (machine) => {
  await machine.commit("-R", "linux-lts", "linux-lts-headers");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(await machine.traces(newer), []);
  assert.equal(machine.list("/usr/lib/modules"), [older]);
  assert.equal(machine.compiled(), []);
});

scenario("the last kernel is removed and comes back", [...linux.both, tiny], async (machine) => {
  await machine.commit("-R", "linux", "linux-headers");
  assert.equal(await machine.traces(older), []);
  await machine.commit("-U", ...linux.both);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
});

test.run();
