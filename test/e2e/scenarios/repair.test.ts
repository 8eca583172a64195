/** What is installed is looked at, not believed: objects that a rollback, a person or another program has taken away are put back. */
import { test } from "uvu";
import * as assert from "uvu/assert";
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
    assert.match(missing, `Installed tiny/1.0 for ${older}`);
    assert.match(missing, `Installed other/1.0 for ${older}`);
    assert.equal([await version("tiny"), await version("other")], ["1.0", "1.0"]);

    machine.write(`${place}/${file}`, "no module");
    assert.match(await machine.commit("-U", linux.kernel), `Installed tiny/1.0 for ${older}`);
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

test.run();
