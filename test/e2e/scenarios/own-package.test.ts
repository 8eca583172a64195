/** The project's own package comes, is upgraded and goes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import { createMachine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
import { projectPackage } from "../project-package.ts";
import { installed, linux, newer, older, linuxNext, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });

scenario("nothing in /usr is without an owner, and nothing of it is left", [...linux.both, tiny], async (machine) => {
  await machine.commit("-Rdd", "dkms-alpm");
  assert.equal(machine.list("/usr/lib/dkms-alpm"), []);
});

test("it comes in one transaction with a kernel and a module", async () => {
  const machine = await createMachine({ osRelease: "arch" });
  const { status, output } = await machine.pacman("-U", await projectPackage(), ...linux.both, tiny);
  assert.is(status, 0, output);
  assert.is(await machine.need(["dkms", "status"]), `${installed("tiny/1.0", older)}\n`, output);
  await machine.dispose();
});

/** The same files in a package of a later version. */
async function laterPackage(): Promise<string> {
  const archive = await projectPackage();
  const metadata = [".PKGINFO", ".MTREE", ".BUILDINFO"].flatMap((name) => ["--exclude", name]);
  return makePackage({
    name: "dkms-alpm",
    version: "99-1",
    provides: ["dkms=3.4.3"],
    conflicts: ["dkms"],
    fill: {
      key: archive,
      into: async (root) => void (await need(["bsdtar", "-xf", archive, "-C", root, ...metadata])),
    },
  });
}

scenario("its upgrade touches no module", [...linux.both, tiny], async (machine) => {
  const before = await machine.snapshot();
  await machine.commit("-U", await laterPackage());
  assert.equal(await machine.changesSince(before), []);
  assert.equal(machine.compiled(), []);
  await machine.commit("-U", tinyNext);
  assert.equal(await machine.status(), [installed("tiny/2.0", older)]);
});

scenario("it is upgraded in one transaction with kernel and module", [...linux.both, tiny], async (machine) => {
  await machine.commit("-U", await laterPackage(), ...linuxNext.both, tinyNext);
  assert.equal(await machine.status(), [installed("tiny/2.0", newer)]);
  assert.equal(await machine.traces(older), []);
});

scenario("it goes alone: what is installed stays", [...linux.both, tiny], async (machine) => {
  await machine.commit("-Rdd", "dkms-alpm");
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
  assert.ok(machine.exists(`/var/lib/dkms/tiny/kernel-${older}-x86_64`));
  assert.equal(machine.compiled(), []);
});

scenario("it goes together with a module: nothing of the module is left", [...linux.both, tiny], async (machine) => {
  await machine.commit("-Rns", "tiny-dkms", "dkms-alpm");
  assert.equal(await machine.traces("tiny"), []);
  assert.is(await machine.modinfo(older, "filename", "tiny"), "");
});

scenario(
  "another dkms takes its place, and a new version of a module comes",
  [...linux.both, tiny],
  async (machine) => {
    const other = await makePackage({
      name: "dkms",
      version: "3.0-1",
      provides: ["dkms=3.0"],
      conflicts: ["dkms-alpm"],
    });
    // pacman asks whether the two may conflict; this is its yes.
    const output = await machine.commit("-U", "--ask=4", other, tinyNext);
    assert.is(await machine.modinfo(older, "version", "tiny"), "1.0", "the old version goes when the new one is there");
    assert.match(output, "Unless another dkms takes its place, new kernels get none of these modules: tiny/1.0");
    assert.not.match(output, "delete /var/lib/dkms");
  },
);

scenario("the hook that records removals is masked: what stays is said", [...linux.both, tiny], async (machine) => {
  await machine.need(["ln", "-s", "/dev/null", "/etc/pacman.d/hooks/05-dkms-guard-removal.hook"]);
  const output = await machine.commit("-Rns", "tiny-dkms", "dkms-alpm");
  assert.match(output, "==> WARNING: 05-dkms-guard-removal.hook is switched off: objects of modules that are removed");
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
});

scenario("it and Node go along with the last module, as what nothing else needs", linux.both, async (machine) => {
  await machine.commit("-D", "--asdeps", "dkms-alpm");
  await machine.commit("-U", tiny);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  await machine.commit("-Rns", "tiny-dkms");
  for (const name of ["tiny-dkms", "dkms-alpm", "nodejs"]) {
    assert.is((await machine.run(["pacman", "-Q", name])).status, 1, `${name} is installed still`);
  }
  for (const path of ["/usr/bin/node", "/usr/bin/dkms", "/usr/src/tiny-1.0"]) assert.not.ok(machine.exists(path), path);
  assert.equal(await machine.traces("tiny"), []);
  assert.is(await machine.modinfo(older, "filename", "tiny"), "");
});

test.run();
