/** Kernels that no package owns: kept by another tool, or compiled by hand. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
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
  assert.match(
    await machine.commit("-U", tiny),
    `No package owns kernel ${newer}, so no modules are built for it. To build for one: dkms autoinstall -k ${newer};`,
  );
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
  assert.not.match(await machine.commit("-U", tiny), "No package owns");
});

/** A kernel as Arch Linux ARM has it, with headers. */
function bareKernel(release: string, version: string, headers: string): Promise<readonly [string, string]> {
  const directory = `usr/lib/modules/${release}`;
  return Promise.all([
    makePackage({
      name: "linux-aarch64",
      version,
      files: { [`${directory}/modules.order`]: "", [`${directory}/kernel/none`]: "" },
    }),
    makePackage({
      name: "linux-aarch64-headers",
      version,
      fill: {
        key: headers,
        into: async (root) => {
          await need(["bsdtar", "-xf", headers, "-C", root, "usr"]);
        },
      },
    }),
  ]);
}

const [bareOld, bareLts] = await Promise.all([
  bareKernel(older, "6.0-1", linux.headers),
  bareKernel(newer, "6.1-1", linuxLts.headers),
]);
const fussy = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });

scenario("guard and dkms-initramfs know such a kernel as well", [...bareOld, fussy], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  const before = await machine.snapshot();
  const { status, output } = await machine.pacman("-U", ...bareLts);
  assert.is(status, 1, output);
  assert.match(output, `ERROR: Building tiny/1.0 for linux-aarch64 ${newer} failed`);
  assert.match(output, "leave out: linux-aarch64 linux-aarch64-headers");
  assert.equal(await machine.changesSince(before), []);
  const { output: intention } = await machine.run(
    ["/usr/lib/dkms-alpm/bin/dkms-initramfs", "--dry-run", "mkinitcpio", "linux-aarch64"],
    { input: "linux-aarch64-headers\n" },
  );
  assert.match(intention, "Write the initramfs of linux-aarch64 with mkinitcpio");
});

scenario(
  "a kernel without pkgbase and vmlinuz belongs to its package, wherever pacman has its database",
  bareLts,
  async (machine) => {
    await machine.need(["mv", "/var/lib/pacman", "/srv/database"]);
    await machine.need(["sed", "-i", "/^DBPath/d; s|^\\[options\\]|&\\nDBPath = /srv/database|", "/etc/pacman.conf"]);
    const output = await machine.commit("-U", tiny);
    assert.not.match(output, "No package owns");
    assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
    await machine.commit("-R", "linux-aarch64-headers");
    const failed = await machine.commitWithFailure("-U", tinyNext);
    assert.match(failed, "pacman -S linux-aarch64-headers");
  },
);

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
