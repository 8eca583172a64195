/** A Unified Kernel Image by the real ukify, made by kernel-install: not without a required module, and read as what the boot loader starts. */
import { test } from "uvu";
import * as assert from "uvu/assert";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { debsToInstall, unpackedDeb } = await import("../debs.ts");
const { bootableReleases, kernelPackages } = await import("../kernel-packages.ts");
const { tinyModule } = await import("../module-packages.ts");
const { installed, scenario } = await import("../scenario.ts");

const release = (await bootableReleases("cloud-amd64")).at(-1) ?? "";
const linux = await kernelPackages({ pkgbase: "linux", release });
const real = await kernelPackages({ pkgbase: "linux", release, image: "debian" });
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const names = await debsToInstall("systemd-ukify", "systemd-boot-efi");
const ukify = await Promise.all(names.map(unpackedDeb));
const machineId = "0123456789abcdef0123456789abcdef";
const image = `/boot/EFI/Linux/${machineId}-${release}.efi`;
const kernel = `/usr/lib/modules/${release}/vmlinuz`;

scenario("kernel-install with ukify", [...linux.both], async (machine) => {
  await machine.commit("-U", tiny);
  for (const { folder } of ukify) await machine.need(["cp", "-a", "--update=none", `${folder}/.`, "/"]);
  await machine.need(["bsdtar", "-xf", real.kernel, "-C", "/", kernel.slice(1)]);
  machine.remove("/usr/lib/kernel/install.d/50-dracut.install");
  machine.remove("/usr/lib/kernel/install.d/51-dracut-rescue.install");
  machine.write("/etc/machine-id", `${machineId}\n`);
  machine.write("/etc/kernel/cmdline", "root=/dev/vda\n");
  machine.write("/etc/kernel/install.conf", "layout=uki\nuki_generator=ukify\ninitrd_generator=none\n");
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");

  await machine.need(["dkms", "uninstall", "tiny/1.0", "-k", release]);
  const refused = await machine.run(["kernel-install", "add", release, kernel]);
  assert.is(refused.status, 0, refused.output);
  assert.match(refused.output, "kernel-install makes no boot entry");
  assert.not.ok(machine.exists(image), refused.output);

  await machine.need(["dkms", "install", "tiny/1.0", "-k", release]);
  assert.equal(await machine.status(), [installed("tiny/1.0", release)]);
  const made = await machine.run(["kernel-install", "add", release, kernel]);
  assert.is(made.status, 0, made.output);
  assert.ok(machine.exists(image), made.output);
  const { stdout } = await machine.run(["dkms", "doctor", "--json"]);
  const { boot } = JSON.parse(stdout) as { boot: { kernels: readonly { kernelFiles: readonly string[] }[] } };
  assert.equal(
    boot.kernels.flatMap(({ kernelFiles }) => kernelFiles),
    [image],
    stdout,
  );
});

test.run();
