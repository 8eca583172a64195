import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readDeviceAliases } from "../../../src/act/index/modprobe.ts";
import { readForcedInstall } from "../../../src/observe/objects/forced-modules.ts";
import { makeScratch, put } from "../install/scratch.ts";

test("the aliases of all devices are found, each once, and links are not followed", async () => {
  const scratch = makeScratch();
  try {
    const devices = join(scratch.root, "devices");
    put(join(devices, "pci0/0000:00/modalias"), "pci:v1\n");
    put(join(devices, "pci0/0000:01/modalias"), "pci:v1\n");
    put(join(devices, "platform/rtc/modalias"), "platform:rtc\n");
    put(join(devices, "platform/none/modalias"), "\n");
    symlinkSync(devices, join(devices, "platform/subsystem"));
    assert.equal(await readDeviceAliases(devices), ["pci:v1", "platform:rtc"]);
    assert.equal(await readDeviceAliases(join(scratch.root, "none")), []);
  } finally {
    scratch.remove();
  }
});

test("packages may force an install, or override the version only", () => {
  const scratch = makeScratch();
  try {
    const directory = join(scratch.root, "force");
    assert.is(readForcedInstall("zfs", directory), "no");
    put(join(directory, "one"), "spl zfs_version-override\n");
    put(join(directory, "two"), "nvidia\n");
    assert.is(readForcedInstall("spl", directory), "force");
    assert.is(readForcedInstall("zfs", directory), "version");
    assert.is(readForcedInstall("nvidia", directory), "force");
    assert.is(readForcedInstall("vid", directory), "no");
  } finally {
    scratch.remove();
  }
});

test.run();
