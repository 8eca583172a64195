/** What a transaction removes is looked at before it happens: nothing that the machine boots with goes without a replacement. */
import { createHash } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import { noteText } from "../../../src/model/packaging/supply.ts";
import { tinyModule } from "../module-packages.ts";
import { makePackage } from "../packages.ts";
import { installed, linux, linuxLts, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const fussy = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const exclusive = await tinyModule({ name: "tiny", moduleVersion: "2.0", conf: 'BUILD_EXCLUSIVE_KERNEL="^5\\."\n' });
const bare = await makePackage({ name: "tiny-dkms", version: "2.0-1", files: { "usr/src/tiny-2.0/tiny.c": "" } });

scenario("a required module does not leave unnoticed", [...linux.both, tiny], async (machine) => {
  const before = await machine.snapshot();
  const refuse = async (args: readonly string[], words: string): Promise<void> => {
    const { status, output } = await machine.pacman(...args);
    assert.is(status, 1, output);
    assert.match(output, words);
    assert.match(output, "named by [Guard] Require");
    assert.match(output, "dkms guard --once warn");
    assert.equal(await machine.changesSince(before), []);
  };
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
  const lost = "The source of tiny is removed and nothing replaces it, so no kernel will have tiny";
  await refuse(["-R", "tiny-dkms"], lost);
  await refuse(["-U", bare], lost);
  await refuse(["-U", exclusive], `tiny/2.0 for linux ${older} will not be there: BUILD_EXCLUSIVE`);
  await refuse(["-R", "linux", "linux-headers"], `Every kernel that has tiny is removed (${older})`);
  await machine.commit("-R", "linux-headers");

  const once = await machine.need(["dkms", "guard", "--once", "warn"]);
  assert.match(once, "For the next transaction that the guard checks: warn");
  const warned = await machine.commit("-R", "linux");
  assert.match(warned, `WARNING: Every kernel that has tiny is removed (${older})`);
  await machine.commit("-U", ...linux.both);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  assert.is((await machine.pacman("-R", "tiny-dkms")).status, 1);
  assert.is(await machine.need(["dkms", "guard"]), "Policy of the guard: required (default)\n");

  await machine.need(["dkms", "guard", "--once", "off"]);
  assert.not.match(await machine.commit("-R", "tiny-dkms"), "The source of tiny");
});

scenario(
  "a first installation that fails for one kernel of two is a warning, and one kernel of two may go",
  [...linux.both, ...linuxLts.both],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
    const output = await machine.commitWithFailure("-U", fussy);
    assert.match(output, `WARNING: Building tiny/1.0 for linux-lts ${newer} failed`);
    assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
    await machine.commit("-R", "linux-lts", "linux-lts-headers");
    assert.is((await machine.pacman("-R", "linux", "linux-headers")).status, 1);
  },
);

/** A prebuilt module as `dkms mkpkg` packs it; nothing loads its object. */
const bytes = "no object";
const prebuilt = await makePackage({
  name: "tiny-dkms-modules-linux",
  version: "1.0-1",
  files: {
    [`usr/lib/modules/${older}/updates/dkms-pkg/tiny.ko`]: bytes,
    [`usr/lib/modules/${older}/updates/dkms-pkg/tiny.json`]: noteText({
      package: "tiny-dkms-modules-linux",
      pair: {
        module: { name: moduleName("tiny"), version: moduleVersion("1.0") },
        kernel: { release: kernelRelease(older), arch: architecture("x86_64") },
      },
      objects: ["tiny.ko"],
      sha256: { "tiny.ko": createHash("sha256").update(bytes).digest("hex") },
      compiler: "",
      source: { path: "/usr/src/tiny-1.0", package: "tiny-dkms", sha256: "" },
    }),
  },
});

scenario(
  "a required module that a package brings prebuilt does not leave unnoticed",
  [...linux.both, prebuilt],
  async (machine) => {
    machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = tiny\n");
    const rows = [
      [
        ["-R", "tiny-dkms-modules-linux"],
        "The prebuilt tiny of tiny-dkms-modules-linux is removed and nothing replaces it",
      ],
      [["-R", "linux", "linux-headers"], `Every kernel that has tiny is removed (${older})`],
    ] as const;
    for (const [words, expected] of rows) {
      const { status, output } = await machine.pacman(...words);
      assert.is(status, 1, output);
      assert.match(output, expected);
      assert.match(output, "This transaction is refused");
    }
    machine.write("/etc/dkms-alpm.conf", "");
    await machine.commit("-R", "tiny-dkms-modules-linux");
  },
);

test.run();
