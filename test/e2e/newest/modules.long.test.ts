/** Real modules of the newest suite, each installed for two kernels by one transaction with the guard: the sandbox keeps none of them from building. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Scene } from "../scenario.ts";

// What is imported below asks for this when it is loaded.
process.env["DKMS_ALPM_TEST_MACHINE"] = "newest";
const { kernelPackages, releases } = await import("../kernel-packages.ts");
const { modulePackage } = await import("../module-packages.ts");
const { unpackedDeb } = await import("../debs.ts");
const { createScene } = await import("../scenario.ts");

const packages =
  "v4l2loopback broadcom-sta xpadneo xone r8168 r8125 evdi openrazer-driver xtables-addons virtualbox lttng-modules nvidia-open-kernel zfs";

/** `DKMS_ALPM_PACKAGES="zfs evdi"` looks at these and no others. */
const names = (process.env["DKMS_ALPM_PACKAGES"] ?? packages).split(" ");

const [older = "", newer = ""] = (await releases("amd64")).slice(-2);
const kernels = [
  ...(await kernelPackages({ pkgbase: "linux-lts", release: older })).both,
  ...(await kernelPackages({ pkgbase: "linux", release: newer })).both,
];

/** Configure scripts link programs, which kernels and their modules do not need. */
const library = await Promise.all(["libc6-dev", "linux-libc-dev"].map((name) => unpackedDeb(name)));

/** What is there of a module: a line of `dkms status` for each kernel, and the objects. */
async function found(machine: Scene): Promise<readonly string[]> {
  const objects = await machine.need([
    "find",
    "/usr/lib/modules",
    "-path",
    "*/updates/*",
    "-name",
    "*.ko*",
    "-type",
    "f",
  ]);
  return [...(await machine.status()), ...objects.split("\n").filter((line) => line !== "")].toSorted();
}

/** A machine of its own in which a package is installed under these settings; what pacman printed, and what is there afterwards. */
async function install(archive: string, settings: string): Promise<{ output: string; is: readonly string[] }> {
  const machine = await createScene([], kernels);
  try {
    for (const { folder } of library) await machine.need(["cp", "-a", `${folder}/usr/.`, "/usr"]);
    machine.write("/etc/dkms-alpm.conf", settings);
    const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", archive], { timeout: 7200 });
    assert.is(status, 0, output);
    return { output, is: await found(machine) };
  } finally {
    await machine.dispose();
  }
}

for (const name of names) {
  test(`${name}-dkms for ${older} and ${newer}`, async () => {
    const started = performance.now();
    const archive = await modulePackage({ deb: `${name}-dkms` });
    const { output, is } = await install(archive, "[Guard]\nPolicy = warn\n");
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log([`${name}-dkms (${seconds} s):`, ...is].join("\n  "));
    if ([older, newer].every((release) => is.some((line) => line.includes(`${release}, x86_64: installed`)))) return;
    // What does not build here builds nowhere: the source knows neither this kernel nor this compiler.
    console.log(output);
    const open = await install(archive, "[Guard]\nPolicy = off\n[Build]\nSandbox = no\n");
    assert.equal(is, open.is, "without the sandbox it is another result");
  });
}

test.run();
