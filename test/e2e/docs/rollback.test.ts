/** A rollback of the root file system on Btrfs: /usr and /var/lib go back to a snapshot, /var/cache, /var/log and /boot stay. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { unpackedDeb } from "../debs.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxNext, newer, older, scenario, type Scene } from "../scenario.ts";

// Where Btrfs is a module of the kernel, it is loaded when it is asked for.
spawnSync("modprobe", ["btrfs"]);
const isReal = readFileSync("/proc/filesystems", "utf8").includes("btrfs");
if (!isReal) console.log("This kernel has no Btrfs: copies stand for snapshots.");
const tools = await Promise.all(["btrfs-progs", "liblzo2-2"].map(unpackedDeb));
const libraries = tools.flatMap(({ folder }) => ["usr/lib", "lib"].map((lib) => `${folder}/${lib}/x86_64-linux-gnu`));
const programs = tools.flatMap(({ folder }) => ["bin", "sbin"].map((bin) => `${folder}/${bin}`));
const env = { LD_LIBRARY_PATH: libraries.join(":"), PATH: `${programs.join(":")}:/usr/bin:/usr/sbin` };

/** Where the kernel has no Btrfs, copies stand for snapshots. */
const makeDisk = isReal
  ? "truncate -s 400M /root/disk; mkfs.btrfs -q /root/disk; mkdir /disk; mount -o loop /root/disk /disk; btrfs subvolume create /disk/@"
  : "mkdir -p /disk/@";
const snapshot = isReal ? "btrfs subvolume snapshot" : "cp -a";
const places = "usr/lib/modules usr/src var/lib/dkms var/lib/dkms-alpm var/lib/pacman";
const bind = `for place in ${places}; do mount --bind /disk/@/$place /$place; done`;
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });

/** Codes of what doctor finds, but for those of the boot loader, which this machine does not have. */
async function findings(machine: Scene): Promise<readonly string[]> {
  const { stdout } = await machine.run(["dkms", "doctor", "--json"]);
  const { findings: found } = JSON.parse(stdout) as { findings: readonly { code: string }[] };
  return found.map(({ code }) => code).filter((code) => !/^(boot-|tool-|nothing-to-boot)/.test(code));
}

scenario(
  `rolled back by ${isReal ? "Btrfs" : "a copy"}: the modules are those of the snapshot`,
  [],
  async (machine) => {
    const shell = (script: string): Promise<string> => machine.need(["bash", "-euc", script], { env });
    await shell(`${makeDisk}
    for place in ${places}; do mkdir -p /$place /disk/@/$place; cp -a /$place/. /disk/@/$place; done; ${bind}`);
    await machine.commit("-U", ...linux.both, tiny);
    await shell(`${snapshot} /disk/@ /disk/before`);
    await machine.commit("-U", ...linuxNext.both);
    assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
    machine.compiled();

    await shell(`for place in ${places}; do umount /$place; done
    mv /disk/@ /disk/after; ${snapshot} /disk/before /disk/@; ${bind}`);
    assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
    assert.is((await machine.modinfo(older, "vermagic", "tiny")).split(" ")[0], older);
    // The log of the kernel that was rolled back is in /var/log, which stays.
    assert.equal(await findings(machine), ["leftovers"]);
    await machine.need(["dkms", "prune"]);
    assert.equal(await findings(machine), []);

    await machine.commit("-U", ...linuxNext.both);
    assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
    assert.equal(machine.compiled(), [], "kept results survive a rollback");
  },
);

test.run();
