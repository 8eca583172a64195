/** The test before a transaction counts on the packages that come along. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { kmodHook } from "./client.ts";
import { linux, linuxNext, newer, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const broken = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const name = "tiny-dkms-modules-linux";

scenario(
  "a module that would not build is no loss when its package comes with the kernel",
  [kmodHook, ...linuxNext.both, tiny],
  async (machine) => {
    await machine.need(["dkms", "mkpkg", "tiny/1.0", "-k", newer, "--output", "/opt/made"]);
    const [archive = ""] = machine.list("/opt/made");
    // Back to the older kernel, with a source that does not build for the newer one.
    await machine.commit("-U", ...linux.both);
    await machine.commit("-U", broken);
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");

    const refused = await machine.pacman("-U", ...linuxNext.both);
    assert.is.not(refused.status, 0, "nobody would supply it");

    const output = await machine.commit("-U", ...linuxNext.both, `/opt/made/${archive}`);
    assert.not.match(output, /WARNING|ERROR/);
    assert.match(output, new RegExp(`is supplied by package ${name}`));
    assert.match(await machine.modinfo(newer, "filename", "tiny"), /updates\/dkms-pkg\/tiny\.ko$/);
  },
);

test.run();
