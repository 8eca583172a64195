/** The main job with a real module: a transaction ends with it built, installed and indexed, and another one with nothing left of it. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { unpackedDeb } from "./debs.ts";
import { modulePackage, tinyModule } from "./module-packages.ts";
import { makePackage } from "./packages.ts";
import { repository } from "./repository.ts";
import { kernelPackages, releases } from "./kernel-packages.ts";
import { installed, scenario } from "./scenario.ts";

// Debian's kernels for clouds lack what v4l2loopback is built upon.
const [older = "", newer = ""] = (await releases("amd64")).slice(-2);
const linux = await kernelPackages({ pkgbase: "linux", release: older });
const linuxNext = await kernelPackages({ pkgbase: "linux", release: newer });

const v4l2loopback = await modulePackage({ deb: "v4l2loopback-dkms" });
const version = /v4l2loopback-dkms-([\d.]+)-/.exec(v4l2loopback)?.[1] ?? "";
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const statusLine = installed(`v4l2loopback/${version}`, older);

/** Debian's own dkms, which every machine can reach in the cache. */
const reference = join((await unpackedDeb("dkms")).folder, "usr/sbin/dkms");

scenario("kernel, headers and module in one transaction", [], async (machine) => {
  await machine.commit("-U", ...linux.both, v4l2loopback);
  const file = await machine.modinfo(older, "filename", "v4l2loopback");
  assert.match(file, /\/updates\/dkms\/v4l2loopback\.ko(\.(gz|xz|zst))?$/);
  assert.ok(file.includes(`/lib/modules/${older}/`), file);
  assert.is((await machine.modinfo(older, "vermagic", "v4l2loopback")).split(" ")[0], older);
  assert.is(await machine.need(["dkms", "status"]), `${statusLine}\n`);
  assert.equal(machine.compiled(), [`v4l2loopback.c for ${older}`]);

  const modprobe = await machine.need(["modprobe", "--set-version", older, "--dry-run", "--verbose", "v4l2loopback"]);
  assert.match(modprobe, file);
});

scenario("Debian's dkms reads the same tree and says the same", [...linux.both, v4l2loopback], async (machine) => {
  assert.is(await machine.need([reference, "status"]), `${statusLine}\n`);
});

scenario("a module that goes leaves no file behind", [...linux.both, v4l2loopback], async (machine) => {
  await machine.commit("-R", "v4l2loopback-dkms");
  assert.equal(await machine.traces("v4l2loopback"), []);
  assert.is(await machine.need(["dkms", "status"]), "");
  assert.not.match(machine.read(`/usr/lib/modules/${older}/modules.dep`), "v4l2loopback");
});

scenario(
  "a kernel upgrade from a repository takes the module along",
  [...linux.both, v4l2loopback],
  async (machine) => {
    await repository(machine, "core", linuxNext.both);
    await machine.commit("-Syu");
    assert.equal(await machine.status(), [installed(`v4l2loopback/${version}`, newer)]);
    assert.equal(machine.compiled(), [`v4l2loopback.c for ${newer}`]);
    assert.equal(machine.list("/usr/lib/modules"), [newer]);
    assert.equal(await machine.traces(older), []);
  },
);

const hook = "70-dkms-install.hook";

scenario("a hook copied by hand overrides the packaged one: it runs once", linux.both, async (machine) => {
  const text = machine.read(`/usr/share/libalpm/hooks/${hook}`).replace(/^Description = .*$/m, "Description = By hand");
  machine.write(`/etc/pacman.d/hooks/${hook}`, text);
  const output = await machine.commit("-U", tiny);
  assert.is(output.match(/\) By hand$/gm)?.length, 1, output);
  assert.not.match(output, "Building and installing DKMS modules");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
});

scenario("hooks copied by hand do without the packaged ones", linux.both, async (machine) => {
  await machine.need(["sh", "-c", "mv /usr/share/libalpm/hooks/*.hook /etc/pacman.d/hooks"]);
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  await machine.commit("-R", "tiny-dkms");
  assert.equal(await machine.traces("tiny"), []);
});

scenario("the programs do by hand what the hooks do", [], async (machine) => {
  for (const name of machine.list("/usr/share/libalpm/hooks")) machine.remove(`/usr/share/libalpm/hooks/${name}`);
  await machine.commit("-U", ...linux.both, tiny);
  assert.equal(await machine.status(), []);
  const input = `usr/lib/modules/${older}/build/include/\n`;
  const built = await machine.run(["/usr/lib/dkms-alpm/bin/dkms-install"], { input });
  assert.is(built.status, 0, built.output);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);

  await machine.commit("-R", "tiny-dkms");
  const removed = await machine.run(["/usr/lib/dkms-alpm/bin/dkms-remove"], { input: "usr/src/tiny-1.0/dkms.conf\n" });
  assert.is(removed.status, 0, removed.output);
  assert.equal(await machine.traces("tiny"), []);
});

scenario("the programs run from any directory, without npm packages near", [...linux.both, tiny], async (machine) => {
  await machine.need(["mv", "/usr/lib/dkms-alpm", "/srv/elsewhere"]);
  assert.is(await machine.need(["/srv/elsewhere/bin/dkms", "status"]), `${installed("tiny/1.0", older)}\n`);
  await machine.need(["/srv/elsewhere/bin/dkms-install"], { input: "usr/src/tiny-1.0/dkms.conf\n" });
});

scenario("it is dkms to other packages", [], async (machine) => {
  const { version: own } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));
  assert.is(await machine.need(["dkms", "-V"]), `dkms-3.4.3 (dkms-alpm ${own})\n`);
  await machine.commit("-U", await makePackage({ name: "needs-dkms", version: "1-1", depends: ["dkms>=3"] }));
  const other = await machine.pacman("-U", await makePackage({ name: "dkms", version: "3.4.3-1" }));
  assert.is(other.status, 1);
  assert.match(other.output, /conflict/);
});

scenario("a hook that dkms-hookgen writes is one that pacman accepts", linux.both, async (machine) => {
  const written = await machine.run(["dkms-hookgen", "--generator", "mkinitcpio", "zfs-dkms", "linux"]);
  assert.is(written.status, 0, written.output);
  assert.equal(machine.list("/etc/pacman.d/hooks"), ["90-mkinitcpio-dkms-linux.hook"]);
  // pacman reads every hook file in every transaction, and refuses the transaction for the smallest fault in one.
  const output = await machine.commit("-U", tiny);
  assert.not.match(output, /hook.*invalid|error while reading hook/);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
});

test.run();
