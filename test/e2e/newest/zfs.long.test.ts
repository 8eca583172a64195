/**
 * ZFS, the module that machines boot from, on a machine of the newest generation: upgraded from the series before, taken along by a kernel upgrade, put into
 * the image by dracut, and loaded by the upgraded kernel in an emulator. Each version is compiled once for each kernel, before the commit.
 *
 * A build of zfs takes long and proves nothing of the version that the upgrade removes: a small module stands for that, with the same objects and files.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel } from "../boot-table/packages.ts";
import type { Scene } from "../scenario.ts";
import type { Built } from "./transaction.ts";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { bootableReleases, kernelPackages, releases } = await import("../kernel-packages.ts");
const { modulePackage, tinyModule } = await import("../module-packages.ts");
const { installed, scenario } = await import("../scenario.ts");
const { settleDracut } = await import("../initramfs/dracut-machine.ts");
const { addLibrary } = await import("./library.ts");
const { assertInImage, assertReady, assertReplaced, bootKernel, compiledOnce, copyKernels, literal } =
  await import("./transaction.ts");

/** The stable suite's kernel, of which nothing is started, and the newest one. */
const older = (await releases("amd64")).findLast((release) => release.startsWith("6.12.")) ?? "";
const newer = (await bootableReleases("amd64")).at(-1) ?? "";
const shared = await kernelPackages({ pkgbase: "linux", release: older, headers: "whole" });
const [kernel] = await madeKernel("linux", older, shared.version);
const linux = [kernel, shared.headers];
const linuxNext = await kernelPackages({ pkgbase: "linux", release: newer, image: "debian", headers: "whole" });
const first = "2.3.9";
const postBuild = `#!/bin/sh
echo "#define A_KERNEL 1" >"/var/lib/dkms/zfs/${first}/$1/x86_64/zfs_config.h"
`;
const zfs = await tinyModule({
  name: "zfs",
  moduleVersion: first,
  conf: 'BUILT_MODULE_NAME[1]="spl"\nDEST_MODULE_LOCATION[1]="/extra"\nPOST_BUILD="postbuild $kernelver"\n',
  files: {
    Makefile: "obj-m := zfs.o spl.o\n",
    "spl.c": '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("A part");\n',
    postbuild: { text: postBuild, mode: 0o755 },
  },
});
const zfsNext = await modulePackage({ deb: "zfs-dkms" });

/** A file without exported symbols: those are read by the preprocessor as well, which is the compiler. */
const built = (release: string, source = "dsl_scan.c"): Built => ({
  module: "zfs",
  release,
  source,
  objects: ["spl", "zfs"],
});

scenario(`zfs from ${older} to a booted ${newer}`, linux, async (machine) => {
  await addLibrary(machine, "zfs");
  settleDracut(machine, "zfs");
  copyKernels(machine);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\nRequire = zfs\nTimeLimit = 0\n");
  await machine.need(["dkms-hookgen", "--generator", "dracut", "zfs-dkms", "linux"]);

  await compiledOnce(machine, built(older, "zfs.c"), "-U", zfs);
  assert.is(await versionIn(machine, older), first);
  assert.is((await machine.traces(`zfs/${first}/${older}/x86_64/zfs_config.h`)).length, 1);
  await assertReady(machine, older, `zfs ${first}`);

  await compiledOnce(machine, built(older), "-U", zfsNext);
  const next = await versionIn(machine, older);
  assert.match(next, /^2\.([4-9]|\d\d)\./);
  assert.match(await machine.modinfo(older, "version", "zfs"), new RegExp(`^${literal(next)}-`));
  await assertReady(machine, older, `zfs ${next}`);
  await assertInImage(machine, older, ["zfs.ko", "spl.ko"]);
  assert.equal(await machine.traces(`zfs/${first}`), []);

  await compiledOnce(machine, built(newer), "-U", ...linuxNext.both);
  assert.is(await versionIn(machine, newer), next);
  await assertReady(machine, newer, `zfs ${next}`);
  await assertInImage(machine, newer, ["zfs.ko.xz", "spl.ko.xz"]);
  await assertReplaced(machine, older, newer);

  const said = bootKernel(machine, /ZFS/);
  assert.match(said, new RegExp(`probe: zfs ${literal(next)}-\\d+ is loaded in ${literal(newer)}`));
});

/** The version that is installed for this kernel, the only one there. */
async function versionIn(machine: Scene, release: string): Promise<string> {
  const [line = "", ...others] = await machine.status();
  const version = /^zfs\/([0-9.]+), /.exec(line)?.[1] ?? "";
  assert.equal([line, ...others], [installed(`zfs/${version}`, release)]);
  return version;
}

test.run();
