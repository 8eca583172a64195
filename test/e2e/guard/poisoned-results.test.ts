/** Results that were made in another world than the machine's are never recalled: a compiler that a refused package has changed, a caller's environment. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lowestLayer } from "../generation.ts";
import { makePackage } from "../packages.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxNext, newer, older, scenario, type Scene } from "../scenario.ts";

const gccFolder = "usr/lib/gcc/x86_64-linux-gnu";

/** Says in .modinfo how it was compiled. */
const tiny = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0",
  source: '#ifdef POISONED\nMODULE_INFO(poisoned, "yes");\n#endif\n',
});

/** gcc reads a file of this name beside its own programs, and adds what it says to every compilation. */
const places = readdirSync(join(lowestLayer, gccFolder)).map((version) => join(gccFolder, version, "specs"));
const specs = Object.fromEntries(places.map((path) => [path, "*cc1:\n+ -DPOISONED\n\n"]));

/** An upgrade that does not build, so that it is refused. */
const poison = await makePackage({
  name: "poison-dkms",
  version: "1-1",
  files: {
    ...specs,
    "usr/src/poison-1/dkms.conf":
      'PACKAGE_NAME="poison"\nPACKAGE_VERSION="1"\nBUILT_MODULE_NAME="poison"\nDEST_MODULE_LOCATION="/extra"\nAUTOINSTALL=yes\n',
    "usr/src/poison-1/Makefile": "obj-m := poison.o\n",
    "usr/src/poison-1/poison.c": "#error this module does not build\n",
  },
});
const earlier = await tinyModule({ name: "poison", moduleVersion: "0" });
const compiler = await makePackage({ name: "other-compiler", version: "1-1", files: specs });

async function isPoisoned(machine: Scene, release: string): Promise<boolean> {
  return (await machine.modinfo(release, "poisoned", "tiny")) === "yes";
}

scenario("the compiler of a refused package leaves nothing behind", [...linux.both, tiny, earlier], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\n");
  machine.compiled();
  const refused = await machine.pacman("-U", poison, ...linuxNext.both);
  assert.is(refused.status, 1, refused.output);
  assert.match(refused.output, /poison/);
  assert.ok(machine.compiled().includes(`tiny.c for ${newer}`), "the other module was test-built beside it");
  for (const path of places) assert.not.ok(machine.exists(`/${path}`));

  await machine.commit("-U", ...linuxNext.both);
  const both = [`poison.c for ${newer}`, `tiny.c for ${newer}`];
  assert.equal(machine.compiled().toSorted(), both, "what was made with the other compiler is not taken");
  assert.equal(await machine.status(), [installed("poison/0", newer), installed("tiny/1.0", newer)]);
  assert.is(await isPoisoned(machine, newer), false);

  // That compiler does leave its mark where the machine really has it.
  await machine.commit("-U", compiler);
  await machine.need(["dkms", "unbuild", "tiny/1.0", "-k", newer]);
  await machine.need(["dkms", "install", "tiny/1.0", "-k", newer]);
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
  assert.is(await isPoisoned(machine, newer), true);
});

/** Its makefile looks at a variable, as many do. */
const asking = await tinyModule({
  name: "asking",
  moduleVersion: "1.0",
  files: { Makefile: "obj-m := asking.o\nifeq ($(DEBUG),insecure)\nccflags-y += -DINSECURE\nendif\n" },
  source: '#ifdef INSECURE\nMODULE_INFO(insecure, "yes");\n#endif\n',
});

scenario(
  "the caller's environment reaches no result, and none is recalled that it was to change",
  linux.both,
  async (machine) => {
    const env = { DEBUG: "insecure", KCFLAGS: "-DINSECURE", MAKEFLAGS: "DEBUG=insecure", CFLAGS: "-DINSECURE" };
    const insecure = async (): Promise<string> => machine.modinfo(older, "insecure", "asking");
    const committed = await machine.run(["pacman", "--noconfirm", "-U", asking], { env, timeout: 300 });
    assert.is(committed.status, 0, committed.output);
    assert.equal(await machine.status(), [installed("asking/1.0", older)]);
    assert.is(await insecure(), "", "by way of pacman, guard and hook");
    machine.compiled();

    for (const word of ["install", "mkpkg"]) {
      await machine.need(["dkms", "unbuild", "asking/1.0", "-k", older]);
      machine.remove("/var/cache/dkms-alpm");
      const destination = word === "mkpkg" ? ["--output", "/srv/packed"] : [];
      await machine.need(["dkms", word, "asking/1.0", "-k", older, ...destination], { env });
      assert.equal(machine.compiled(), [`asking.c for ${older}`], word);
      await machine.need(["dkms", "install", "asking/1.0", "-k", older]);
      assert.is(await insecure(), "", word);
    }
    await machine.need(["dkms", "uninstall", "asking/1.0", "-k", older]);
    machine.remove(`/var/lib/dkms/asking/1.0/${older}`);
    await machine.need(["dkms", "install", "asking/1.0", "-k", older]);
    assert.equal(machine.compiled(), [], "kept under the same key");
    assert.is(await insecure(), "");

    // The administrator's environment does change it, and is part of the key.
    machine.write("/etc/dkms/environment", "export DEBUG=insecure\n");
    machine.write("/etc/dkms/framework.conf", "build_environment=/etc/dkms/environment\n");
    await machine.need(["dkms", "unbuild", "asking/1.0", "-k", older]);
    await machine.need(["dkms", "install", "asking/1.0", "-k", older]);
    assert.equal(machine.compiled(), [`asking.c for ${older}`]);
    assert.is(await insecure(), "yes");
  },
);

test.run();
