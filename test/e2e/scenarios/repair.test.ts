/** What is installed is looked at, not believed: objects that a rollback, a person or another program has taken away are put back. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernelPackages } from "../kernel-packages.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });

const place = `/usr/lib/modules/${older}/updates/dkms`;

scenario(
  "objects that are deleted or changed are put back without a compiler",
  [...linux.both, tiny, other],
  async (machine) => {
    const version = (name: string): Promise<string> => machine.modinfo(older, "version", name);
    const everything = [installed("other/1.0", older), installed("tiny/1.0", older)];
    const file = machine.list(place).find((name) => name.startsWith("tiny.ko")) ?? "";
    const good = await machine.need(["sha256sum", `${place}/${file}`]);

    await machine.need(["rm", "-r", `/usr/lib/modules/${older}/updates`]);
    const missing = await machine.commit("-U", tiny);
    assert.match(missing, `Installed tiny/1.0 for linux ${older}`);
    assert.match(missing, `Installed other/1.0 for linux ${older}`);
    assert.equal([await version("tiny"), await version("other")], ["1.0", "1.0"]);

    machine.write(`${place}/${file}`, "no module");
    assert.match(await machine.commit("-U", linux.kernel), `Installed tiny/1.0 for linux ${older}`);
    assert.is(await machine.need(["sha256sum", `${place}/${file}`]), good);

    machine.remove(`${place}/${file}`);
    const command = ["dkms", "install", "tiny/1.0", "-k", older];
    assert.match(
      await machine.need([...command, "--dry-run"]),
      `Install tiny/1.0 for ${older} (x86_64): ${place}/${file} is missing`,
    );
    assert.match(await machine.need(command), `Installed tiny/1.0 for ${older}`);
    assert.match(await machine.need(command), "is installed already");

    machine.remove(place);
    assert.match(
      await machine.need(["dkms", "autoinstall", "-k", older]),
      /succeeded for module\(s\) (tiny other|other tiny)\./,
    );
    assert.is(await version("tiny"), "1.0");
    assert.equal(machine.compiled(), []);

    await machine.need(["rm", "-r", `/var/lib/dkms/tiny/1.0/${older}/x86_64/module`]);
    machine.write(`/var/lib/dkms/tiny/1.0/${older}/x86_64/module/README`, "");
    await machine.commit("-U", tiny);
    assert.equal(await machine.status(), everything);
    assert.is(await machine.need(["sha256sum", `${place}/${file}`]), good);
    assert.is(await machine.commit("-U", tiny).then((output) => /Installed|Built/.test(output)), false);
  },
);

scenario(
  "the tree is lost: its objects are replaced, not taken for the kernel's own",
  [...linux.both, tiny],
  async (machine) => {
    await machine.need(["rm", "-r", "/var/lib/dkms"]);
    const output = await machine.commit("-U", tiny);
    assert.match(output, `Installed tiny/1.0 for linux ${older}`);
    assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
    assert.is(machine.exists("/var/lib/dkms/tiny/original_module"), false);
    await machine.commit("-R", "tiny-dkms");
    assert.equal(await machine.traces("tiny"), []);
  },
);

const owning = await kernelPackages({ pkgbase: "linux", release: older, modules: ["tiny"] });
scenario("a kernel with the module itself keeps it, which is said and is no failure", owning.both, async (machine) => {
  const own = `/usr/lib/modules/${older}/kernel/drivers/misc/tiny.ko`;
  const output = await machine.commit("-U", tiny);
  const [, reported = ""] = output.split("Reporting on DKMS modules...");
  assert.match(reported, `tiny/1.0 for linux ${older} is not installed, since the kernel has that module itself.`);
  assert.match(reported, `its version 1.0 is older than in-tree of ${own}`);
  assert.match(reported, `To use tiny/1.0 instead: dkms install --force tiny/1.0 -k ${older}`);
  assert.not.match(output, /ERROR|there is no tiny/);
  assert.ok(machine.exists(own));
  assert.equal(await machine.status(), [`tiny/1.0, ${older}, x86_64: built`]);

  assert.not.match(await machine.commit("-U", tiny), /Building tiny|Installed tiny|not installed/);
  const again = await machine.run(["dkms", "autoinstall", "-k", older]);
  assert.is(again.status, 0, again.output);
  assert.match(again.output, "was skipped for module(s) tiny.");

  // A new build is not known to give way, until its installation is refused.
  const doctor = async (): Promise<string> => (await machine.run(["dkms", "doctor"])).output;
  assert.not.match(await doctor(), "tiny/1.0 for");
  await machine.need(["dkms", "build", "--force", "tiny/1.0", "-k", older]);
  assert.match(await doctor(), `tiny/1.0 for ${older} (x86_64) is built and not installed.`);
  const asked = await machine.run(["dkms", "install", "tiny/1.0", "-k", older]);
  assert.is(asked.status, 6, asked.output);
  assert.not.match(await doctor(), "tiny/1.0 for");
  await machine.need(["dkms", "install", "--force", "tiny/1.0", "-k", older]);
  assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
});

test.run();
