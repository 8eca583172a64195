/** Kernels that no package owns: kept by another tool, or compiled by hand. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxLts, linuxNext, newer, older, scenario, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });
const other = await tinyModule({ name: "other", moduleVersion: "3" });

/** Puts a kernel with headers there without pacman, and without the file that says which package it is from. */
async function unpackKernel(machine: Scene): Promise<void> {
  for (const archive of linuxLts.both) await machine.need(["bsdtar", "-xf", archive, "-C", "/", "usr"]);
  machine.remove(`/usr/lib/modules/${newer}/pkgbase`);
}

scenario("a kernel that no package owns is not built for unasked", linux.both, async (machine) => {
  await unpackKernel(machine);
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
});

scenario(
  "what a person installed for a self-compiled kernel follows upgrades",
  [...linux.both, tiny],
  async (machine) => {
    await unpackKernel(machine);
    await machine.need(["dkms", "install", "tiny/1.0", "-k", newer]);
    await machine.commit("-U", tinyNext);
    assert.equal(await machine.status(), [installed("tiny/2.0", older), installed("tiny/2.0", newer)]);
    assert.is(await machine.modinfo(newer, "version", "tiny"), "2.0");
    assert.not.ok(machine.exists("/var/lib/dkms/tiny/1.0"));
  },
);

scenario("with [Build] Kernels = all every kernel is built for", linux.both, async (machine) => {
  await unpackKernel(machine);
  machine.write("/etc/dkms-alpm.conf", "[Build]\nKernels = all\n");
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older), installed("tiny/1.0", newer)]);
});

/** A pair of hooks that keep the old kernel's modules over an upgrade, as kernel-modules-hook does. */
const keeper = (when: string, command: string): string => `[Trigger]
Type = Package
Operation = Upgrade
Target = linux
[Action]
When = ${when}Transaction
Exec = /bin/sh -c "${command}"
`;

scenario(
  "a kernel that another tool keeps stays usable, and nothing more is built for it",
  [...linux.both, tiny],
  async (machine) => {
    const folder = `/usr/lib/modules/${older}`;
    machine.write("/etc/pacman.d/hooks/10-save.hook", keeper("Pre", `cp -a ${folder} /srv/saved`));
    const restore = `mkdir -p ${folder}; cp -a /srv/saved/. ${folder}; rm ${folder}/pkgbase`;
    machine.write("/etc/pacman.d/hooks/10-restore.hook", keeper("Post", restore));

    await machine.commit("-U", ...linuxNext.both);
    assert.equal(await machine.status(), [installed("tiny/1.0", older), installed("tiny/1.0", newer)]);
    assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
    assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");

    await machine.commit("-U", other);
    assert.equal(machine.compiled(), [`other.c for ${newer}`]);
  },
);

test.run();
