/** The real dracut: our hook writes the image that holds the new module, of that kernel and no other, once; what goes wrong leaves the old one. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxLts, newer, older, scenario, type Scene } from "../scenario.ts";
import { image, settleDracut } from "./dracut-machine.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });

const log = "/var/log/dracut-calls";

/** Stands before the real one on the PATH. */
const recorder = `#!/bin/sh
echo "$*" >>${log}
[ ! -e /etc/dracut-fails ] || { for image; do :; done; echo ruined >"$image"; exit 1; }
exec /usr/bin/dracut "$@"
`;

function calls(machine: Scene): readonly string[] {
  const lines = machine.exists(log) ? machine.read(log).split("\n").slice(0, -1) : [];
  machine.remove(log);
  return lines;
}

const call = (release: string, kernel: string): string =>
  `--force --hostonly --no-hostonly-cmdline --kver ${release} /boot/.initramfs-${kernel}.img.dkms-new`;

const object = (release: string): string => `usr/lib/modules/${release}/updates/dkms/tiny.ko`;

function digest(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The object in an image is the one that is installed, byte by byte. */
async function assertHolds(machine: Scene, kernel: string, release: string): Promise<void> {
  assert.match(await machine.need(["lsinitrd", image(kernel)]), object(release));
  const unpack = `cd "$(mktemp -d)" && cpio --quiet -id '*tiny.ko' <${image(kernel)} && sha256sum ${object(release)}`;
  const [inImage] = (await machine.need(["sh", "-c", unpack])).split(" ");
  assert.is(inImage, digest(readFileSync(machine.path(`/${object(release)}`))));
}

async function settle(machine: Scene, ...kernels: readonly string[]): Promise<void> {
  settleDracut(machine);
  machine.write("/usr/local/bin/dracut", recorder, 0o755);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = off\n");
  await machine.need(["dkms-hookgen", "--generator", "dracut", "tiny-dkms", ...kernels]);
}

const twoKernels = [...linux.both, ...linuxLts.both];

scenario("a new module gets into the image of the kernel that has a hook, once", twoKernels, async (machine) => {
  await settle(machine, "linux");
  machine.write(image("linux-lts"), "another kernel's\n");
  await machine.commit("-U", tiny);
  assert.equal(calls(machine), [call(older, "linux")]);
  await assertHolds(machine, "linux", older);
  const first = digest(readFileSync(machine.path(image("linux"))));

  await machine.commit("-U", tinyNext);
  assert.equal(calls(machine), [call(older, "linux")]);
  await assertHolds(machine, "linux", older);
  assert.is.not(digest(readFileSync(machine.path(image("linux")))), first);
  assert.is(machine.read(image("linux-lts")), "another kernel's\n");

  await machine.commit("-U", linux.headers);
  assert.equal(calls(machine), [call(older, "linux")]);
  await machine.commit("-U", linuxLts.headers);
  assert.equal(calls(machine), []);
  assert.equal(machine.list("/boot"), ["README", "initramfs-linux-lts.img", "initramfs-linux.img"]);
});

scenario("two kernels, two hooks: an image each", [...twoKernels, tiny], async (machine) => {
  await settle(machine, "linux", "linux-lts");
  await machine.commit("-U", tinyNext);
  assert.equal(calls(machine).toSorted(), [call(older, "linux"), call(newer, "linux-lts")].toSorted());
  await assertHolds(machine, "linux", older);
  await assertHolds(machine, "linux-lts", newer);
});

scenario("a dracut that fails or leaves the module out costs nothing", linux.both, async (machine) => {
  await settle(machine, "linux");
  await machine.commit("-U", tiny);
  const before = digest(readFileSync(machine.path(image("linux"))));
  calls(machine);

  machine.write("/etc/dracut-fails", "");
  const failed = await machine.commitWithFailure("-U", tinyNext);
  assert.match(failed, "dracut failed with status 1: the initramfs of linux is NOT updated.");
  machine.remove("/etc/dracut-fails");

  machine.write("/etc/dracut.conf.d/tiny.conf", 'dracutmodules=" base "\ncompress="cat"\nearly_microcode="no"\n');
  const without = await machine.commitWithFailure("-U", tiny);
  assert.match(without, "dracut has left out tiny/1.0, which the image that is there has");
  assert.equal(calls(machine), [call(older, "linux"), call(older, "linux")]);
  assert.is(digest(readFileSync(machine.path(image("linux")))), before);
  assert.equal(machine.list("/boot"), ["README", "initramfs-linux.img"]);

  machine.remove(image("linux"));
  const wanted = await machine.commit("-U", tinyNext);
  assert.match(wanted, "==> WARNING: The image of linux has nothing of tiny/1.1: dracut leaves it out");
});

test.run();
