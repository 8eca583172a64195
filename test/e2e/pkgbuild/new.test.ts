/** `dkms-pkgbuild new` over real module sources: makepkg builds its packages, and in a transaction their modules are built and installed. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { unpackedDeb } from "../debs.ts";
import type { Machine } from "../machine.ts";
import { kernelPackages, releases } from "../kernel-packages.ts";
import { installed, scenario } from "../scenario.ts";

/** A kernel with all its parts: some of the modules refuse one without video or I2C. */
const [release = ""] = (await releases("amd64")).slice(-1);
const linux = await kernelPackages({ pkgbase: "linux", release });

const names = share("acpi-call bbswitch ddcci tp-smapi v4l2loopback".split(" "), 3);

/** Where everything happens, as a user without any rights. */
const home = "/var/tmp/packager";
const user = "--reuid=65534 --regid=65534 --clear-groups --no-new-privs".split(" ");

/** Runs a command as that user in its home; it must succeed. */
function asUser(machine: Machine, ...argv: readonly string[]): Promise<string> {
  return machine.need(["setpriv", ...user, "env", `HOME=${home}`, "SOURCE_DATE_EPOCH=1700000000", ...argv], {
    cwd: home,
    timeout: 300,
  });
}

/** The package that makepkg makes in a folder of the home, as a path in the machine. */
async function makepkg(machine: Machine, folder: string): Promise<string> {
  const configuration = existsSync("/etc/makepkg.conf") ? "" : "--config /usr/share/makepkg.conf";
  await asUser(machine, "sh", "-c", `cd ${folder} && exec makepkg --nodeps --noconfirm ${configuration}`);
  const archive = machine.list(`${home}/${folder}`).find((name) => /\.pkg\.tar/.test(name));
  assert.ok(archive, `makepkg left no package in ${folder}`);
  return `${home}/${folder}/${archive}`;
}

async function makeHome(machine: Machine): Promise<void> {
  await machine.need(["install", "-d", "-o", "65534", "-g", "65534", home]);
}

scenario("modules from Debian, from sources to installed modules", linux.both, async (machine) => {
  await makeHome(machine);
  const archives: string[] = [];
  const modules: string[] = [];
  for (const name of names) {
    const { folder } = await unpackedDeb(`${name}-dkms`);
    const [source = ""] = readdirSync(join(folder, "usr/src"));
    await machine.need(["cp", "-r", join(folder, "usr/src", source), `${home}/${source}`]);
    const before = machine.read(`${home}/${source}/dkms.conf`);
    const written = await asUser(machine, "dkms-pkgbuild", "new", source);
    const recipe = written.split("\n").find((line) => line.endsWith("/PKGBUILD")) ?? "";
    const target = recipe.split("/").at(-2) ?? "";
    assert.is(machine.read(`${home}/${source}/dkms.conf`), before, "the sources are left alone");
    const archive = await makepkg(machine, target);
    // Nothing to complain of, neither in what was written nor in what was built.
    for (const subject of [target, archive]) await asUser(machine, "dkms-pkgbuild", "lint", subject);
    const lint = JSON.parse(await asUser(machine, "dkms-pkgbuild", "lint", "--json", target, archive)) as {
      packages: { findings: { code: string }[] }[];
    };
    // Deprecated directives are Debian's own.
    assert.equal(
      lint.packages.map(({ findings }) => findings.filter(({ code }) => code !== "deprecated")),
      [[], []],
      source,
    );
    archives.push(archive);
    modules.push(source.replace(/-([^-]*)$/, "/$1"));
  }
  await machine.commit("-U", ...archives);
  assert.equal(await machine.status(), modules.map((module) => installed(module, release)).toSorted());
  await machine.commit("-Rns", ...archives.map((path) => path.split("/").at(-2) ?? ""));
  assert.equal(await machine.status(), []);
});

const source = `#include <linux/module.h>
static int __init begin(void) { return 0; }
static void __exit end(void) {}
module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
`;

scenario(
  "a tarball without dkms.conf gets one, also with a version that pacman does not know",
  linux.both,
  async (machine) => {
    await makeHome(machine);
    const folder = `${home}/plain-1.2-rc1`;
    machine.write(`${folder}/Makefile`, "obj-m += plain.o sub/\n");
    machine.write(`${folder}/plain.c`, source);
    machine.write(`${folder}/sub/Makefile`, "obj-m := other.o\n");
    machine.write(`${folder}/sub/other.c`, source);
    await asUser(machine, "bsdtar", "-czf", "plain-1.2-rc1.tar.gz", "plain-1.2-rc1");
    await asUser(machine, "dkms-pkgbuild", "new", "plain-1.2-rc1.tar.gz");
    assert.equal(machine.list(`${home}/plain-dkms`), ["PKGBUILD", "dkms.conf", "plain-1.2-rc1.tar.gz"]);
    const archive = await makepkg(machine, "plain-dkms");
    await asUser(machine, "dkms-pkgbuild", "lint", "plain-dkms", archive);
    await machine.commit("-U", archive);
    assert.equal(await machine.status(), [installed("plain/1.2-rc1", release)]);
    for (const name of ["plain", "other"])
      assert.match(await machine.modinfo(release, "filename", name), /updates\/dkms/);
  },
);

scenario("a PKGBUILD that is there is not replaced", [], async (machine) => {
  await makeHome(machine);
  machine.write(`${home}/plain-1.0/Makefile`, "obj-m := plain.o\n");
  machine.write(`${home}/plain-dkms/PKGBUILD`, "# mine\n");
  const refused = await machine.run(["dkms-pkgbuild", "new", "plain-1.0"], { cwd: home });
  assert.is(refused.status, 1);
  assert.match(refused.output, /plain-dkms already has PKGBUILD\.\n.*--force/);
  assert.equal(machine.list(`${home}/plain-dkms`), ["PKGBUILD"]);
  assert.is(machine.read(`${home}/plain-dkms/PKGBUILD`), "# mine\n");
  await machine.need(["dkms-pkgbuild", "new", "--force", "plain-1.0"], { cwd: home });
  assert.match(machine.read(`${home}/plain-dkms/PKGBUILD`), /^pkgname=plain-dkms$/m);
});

test.run();
