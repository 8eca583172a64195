/** A machine with little memory builds fewer things at once, and says so; a module that takes more than its share is stopped, and the others are built. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import { isLong } from "../../form.ts";
import { seededRandom } from "../crash/random.ts";
import type { Machine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { projectMachine } from "../project-package.ts";
import { installed, linux, older } from "../scenario.ts";
import { loadedSections } from "./elf-sections.ts";
import { someHogs } from "./hogs.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
let machine: Machine;

/** Builds anew where this much is free, as the kernel tells it; returns what is said on stderr. */
async function build(mebibytes: number, ...words: readonly string[]): Promise<string> {
  machine.write("/tmp/meminfo", `MemTotal: 99999999 kB\nMemAvailable: ${mebibytes * 1024} kB\n`);
  const shell = 'mount --bind /tmp/meminfo /proc/meminfo && exec "$@"';
  const dkms = ["dkms", "build", "tiny/1.0", "-k", older, "--force", ...words];
  const { status, stderr, output } = await machine.run(["unshare", "--mount", "sh", "-c", shell, "sh", ...dkms]);
  assert.is(status, 0, output);
  return stderr;
}

test.before(async () => {
  machine = await projectMachine({ osRelease: "arch", packages: linux.both });
  await need(["bsdtar", "-xf", tiny, "-C", machine.path("/"), "usr"]);
});

test("one job at a time where there is not enough for two, whatever was asked for", async () => {
  assert.match(await build(700, "-j", "4"), "Memory is short (700 MiB are free): builds run 1 at a time instead of 4.");
  assert.match(await build(1100, "-j", "4"), "builds run 2 at a time instead of 4.");
});

test("the report of a transaction says so as well", async () => {
  machine.remove("/var/lib/dkms-alpm");
  machine.remove("/var/cache/dkms-alpm");
  machine.write("/tmp/meminfo", `MemTotal: 99999999 kB\nMemAvailable: ${300 * 1024} kB\n`);
  const shell = 'mount --bind /tmp/meminfo /proc/meminfo && exec "$@"';
  const hook = ["unshare", "--mount", "sh", "-c", shell, "sh", "/usr/lib/dkms-alpm/bin/dkms-install"];
  const { status, output } = await machine.run(hook, { input: "usr/src/tiny-1.0/dkms.conf\n" });
  assert.is(status, 0, output);
  const { reports } = JSON.parse(await machine.need(["dkms", "report", "--json"])) as {
    reports: { warnings: string[] }[];
  };
  assert.match(
    (reports[0]?.warnings ?? []).join("\n"),
    /^Memory is short \(300 MiB are free\): builds run 1 at a time instead of \d+\.$/m,
  );
});

test("nothing is said where there is enough", async () => {
  assert.not.match(await build(16_000, "-j", "4"), "Memory");
});

test("no limit is no limit", async () => {
  assert.not.match(await build(100, "-j", "0"), "Memory");
});

const random = seededRandom();
const neighbours = ["left", "right"] as const;

/** What of an object a kernel loads. */
const loaded = (path: string): string => loadedSections(readFileSync(machine.path(path))).join("\n");

/** Has a plain make build it; gives what a kernel loads of that. */
async function plainObject(name: string): Promise<string> {
  const source = await tinyModule({ name, moduleVersion: "1" });
  await need(["bsdtar", "-xf", source, "-C", machine.path("/"), "usr"]);
  const compile = `cp -a /usr/src/${name}-1 /srv; make -s -C /usr/lib/modules/${older}/build M=/srv/${name}-1 modules`;
  await machine.need(["sh", "-ec", compile]);
  return loaded(`/srv/${name}-1/${name}.ko`);
}

/** What plain makes have built. */
let plain: readonly string[] = [];

test("two modules, by plain makes", async () => {
  await machine.need(["sh", "-c", "dkms remove tiny/1.0 --all; rm -r /usr/src/tiny-1.0"]);
  plain = await Promise.all(neighbours.map(plainObject));
  machine.write("/etc/dkms-alpm.conf", "[Build]\nCache = no\nTimeLimit = 60\n");
  await machine.need(["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "small", "/var/lib/dkms-alpm"]);
});

for (const { name, conf, says } of someHogs(random, isLong)) {
  test(`beside a module with ${name}, the two are what plain makes build (seed ${random.seed})`, async () => {
    const own = `PACKAGE_NAME="hog"\nPACKAGE_VERSION="1"\nBUILT_MODULE_NAME[0]="hog"\nDEST_MODULE_LOCATION[0]="/updates"\n`;
    machine.write("/usr/src/hog-1/dkms.conf", `${own}AUTOINSTALL="yes"\n${conf}`);
    machine.write("/usr/src/hog-1/Makefile", "obj-m := hog.o\n");
    const targets = ["hog", ...neighbours].map((module) => `usr/src/${module}-1/dkms.conf\n`).join("");
    const hook = ["/usr/lib/dkms-alpm/run-hook", "dkms-install"];
    const { status, output } = await machine.run(hook, { input: targets, timeout: 300 });
    assert.is(status, 1, output);
    assert.match(output, says, output);
    const shown = await machine.need(["sh", "-c", "dkms status | grep -v ^hog"]);
    assert.is(shown, neighbours.map((module) => `${installed(`${module}/1`, older)}\n`).join(""), output);
    const objects = neighbours.map((module) => `/var/lib/dkms/${module}/1/${older}/x86_64/module/${module}.ko`);
    for (const [index, object] of objects.entries()) assert.is(loaded(object), plain[index], object);
    assert.not.match(await machine.need(["ps", "-e", "-o", "args="]), "5432");
    assert.equal(machine.list("/var/lib/dkms-alpm/build"), []);
    await machine.need(["sh", "-c", "for name in hog left right; do dkms remove $name/1 --all; done; true"]);
  });
}

test.after(() => machine.dispose());

test.run();
