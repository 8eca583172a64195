/**
 * NVIDIA's modules as required modules in an image, on a machine of the newest generation with kernels of the stable suite: installed, replaced by the open
 * modules of the next series as Arch has done it, taken along by a kernel upgrade. Each is compiled once for each kernel, before the commit.
 *
 * Debian's 550.163.01 of the open modules lacks an argument that today's kernels ask for: it is patched as in the benchmark. 535.274.02 builds as it is.
 * Without a card the booted kernel can do no more than load the module, which then finds nothing to work with.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel } from "../boot-table/packages.ts";
import { need } from "../command.ts";
import { makePackage } from "../packages.ts";
import { repository } from "../repository.ts";
import type { Built } from "./transaction.ts";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { unpackedDeb } = await import("../debs.ts");
const { kernelPackages, releases } = await import("../kernel-packages.ts");
const { modulePackage } = await import("../module-packages.ts");
const { installed, scenario } = await import("../scenario.ts");
const { settleDracut } = await import("../initramfs/dracut-machine.ts");
const { largeRows, stable } = await import("../../bench/large-rows.ts");
const { addLibrary } = await import("./library.ts");
const { assertInImage, assertReady, assertReplaced, bootKernel, compiledOnce, copyKernels } =
  await import("./transaction.ts");

const [older = "", newer = ""] = (await releases("amd64")).filter((release) => release.startsWith(stable)).slice(-2);
const [linux, linuxNext] = await Promise.all([madeUp(older), real(newer)]);
const [first, next] = ["535.274.02", "550.163.01"];
const nvidia = await modulePackage({
  deb: "nvidia-tesla-535-kernel-dkms",
  name: "nvidia-dkms",
  packageName: "nvidia",
  folder: `nvidia-${first}`,
});
const open = await modulePackage({
  deb: "nvidia-open-kernel-dkms",
  name: "nvidia-open-dkms",
  packageName: "nvidia",
  folder: `nvidia-${next}`,
  edits: largeRows["nvidia"]?.modules[0]?.edits ?? {},
  replaces: ["nvidia-dkms"],
  conflicts: ["nvidia-dkms"],
});

const names = ["nvidia", "nvidia-drm", "nvidia-modeset", "nvidia-peermem", "nvidia-uvm"];
const built = (release: string): Built => ({ module: "nvidia", release, source: "nv-acpi.c", objects: names });
const inImage = names.filter((name) => name !== "nvidia-peermem");

scenario(`nvidia from ${older} to ${newer}`, linux, async (machine) => {
  await addLibrary(machine, "nvidia");
  settleDracut(machine, "nvidia");
  machine.write("/etc/dracut.conf.d/others.conf", 'add_drivers+=" nvidia_modeset nvidia_drm nvidia_uvm "\n');
  copyKernels(machine);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\nRequire = nvidia\nTimeLimit = 0\n");
  await machine.need(["dkms-hookgen", "--generator", "dracut", "nvidia-dkms", "linux"]);

  await compiledOnce(machine, built(older), "-U", nvidia);
  assert.equal(await machine.status(), [installed(`nvidia/${first}`, older)]);
  await assertReady(machine, older, `nvidia ${first}`);

  await repository(machine, "extra", [open]);
  await compiledOnce(machine, built(older), "-Syu");
  assert.equal(await machine.status(), [installed(`nvidia/${next}`, older)]);
  assert.is(await machine.modinfo(older, "version", "nvidia"), next);
  await assertReady(machine, older, `nvidia ${next}`);
  await assertInImage(
    machine,
    older,
    inImage.map((name) => `${name}.ko`),
  );
  assert.equal(await machine.traces(first), []);

  await compiledOnce(machine, built(newer), "-U", ...linuxNext);
  assert.equal(await machine.status(), [installed(`nvidia/${next}`, newer)]);
  await assertReady(machine, newer, `nvidia ${next}`);
  await assertInImage(
    machine,
    newer,
    inImage.map((name) => `${name}.ko.xz`),
  );
  await assertReplaced(machine, older, newer);

  const said = bootKernel(machine, /nvidia|NVRM/i);
  assert.match(said, "NVRM: No NVIDIA GPU found.");
});

/** A kernel that nothing starts, with real headers. */
async function madeUp(release: string): Promise<readonly string[]> {
  const { version, headers } = await kernelPackages({ pkgbase: "linux", release, headers: "whole" });
  const [kernel] = await madeKernel("linux", release, version);
  return [kernel, headers];
}

/** The stable suite's kernel itself: its package is still a single one, and has the kernel in /boot. */
async function real(release: string): Promise<readonly string[]> {
  const { version, headers } = await kernelPackages({ pkgbase: "linux", release, headers: "whole" });
  const deb = await unpackedDeb(`linux-image-${release}`);
  const into = async (root: string): Promise<void> => {
    const folder = join(root, "usr/lib/modules", release);
    mkdirSync(folder, { recursive: true });
    await need(["cp", "-a", `${join(deb.folder, "usr/lib/modules", release)}/.`, folder]);
    copyFileSync(join(deb.folder, "boot", `vmlinuz-${release}`), join(folder, "vmlinuz"));
  };
  const files = { [`usr/lib/modules/${release}/pkgbase`]: "linux\n" };
  return [await makePackage({ name: "linux", version, files, fill: { key: deb.file, into } }), headers];
}

test.run();
