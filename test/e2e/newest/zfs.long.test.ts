/** ZFS, the module that machines boot from: tested by the guard, installed, put into an image by dracut, and loaded by the newest kernel in an emulator. */
import { test } from "uvu";
import * as assert from "uvu/assert";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { bootableReleases, kernelPackages } = await import("../kernel-packages.ts");
const { modulePackage } = await import("../module-packages.ts");
const { scenario } = await import("../scenario.ts");
const { image, settleDracut } = await import("../initramfs/dracut-machine.ts");
const { boot } = await import("../initramfs/emulator.ts");
const { addLibrary } = await import("./library.ts");

const release = (await bootableReleases("amd64")).at(-1) ?? "";
const linux = await kernelPackages({ pkgbase: "linux", release, image: "debian", headers: "whole" });
const zfs = await modulePackage({ deb: "zfs-dkms" });

scenario(`zfs in ${release}, from the guard to a booted kernel`, linux.both, async (machine) => {
  await addLibrary(machine, "zfs");
  settleDracut(machine, "zfs");
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\nRequire = zfs\nTimeLimit = 0\n");
  await machine.need(["dkms-hookgen", "--generator", "dracut", "zfs-dkms", "linux"]);
  const started = performance.now();
  const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", zfs], { timeout: 7200 });
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s\n${output}`);
  assert.is(status, 0, output);
  assert.not.match(output, /command failed to execute correctly/);
  assert.match(output, new RegExp(`==> \\[1/1\\] zfs/[0-9.]+ for \\S+ ${release.replaceAll("+", "\\+")} builds `));
  const [line = "", ...others] = await machine.status();
  assert.equal(others, []);
  assert.match(line, /^zfs\/[0-9.]+, /);
  assert.ok(line.endsWith(`, ${release}, x86_64: installed`), line);
  const said = boot({
    kernel: machine.path(`/usr/lib/modules/${release}/vmlinuz`),
    image: machine.path(image("linux")),
    init: "/probe",
  });
  assert.match(said, /probe: zfs [0-9.]+-\d+ is loaded in /);
  console.log(
    said
      .split("\n")
      .filter((text) => /probe:|ZFS/.test(text))
      .join("\n"),
  );
});

test.run();
