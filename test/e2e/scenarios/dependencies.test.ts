/** Modules that are built against others: BUILD_DEPENDS is a graph, and all of its entries count. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, linuxLts, newer, older, scenario } from "../scenario.ts";

/** The build of a module with this conf fails unless both other modules are installed for the same kernel at that moment. */
const needsBoth = `BUILD_DEPENDS[0]="middle"
BUILD_DEPENDS[1]="zebra"
PRE_BUILD="check-dependencies \${kernelver}"
`;
const check = { text: "#!/bin/sh -e\ncd /usr/lib/modules/$1/updates/dkms\nls middle.ko* zebra.ko*\n", mode: 0o755 };

const first = await tinyModule({
  name: "apple",
  moduleVersion: "1",
  conf: needsBoth,
  files: { "check-dependencies": check },
});
const middle = await tinyModule({ name: "middle", moduleVersion: "1" });
const last = await tinyModule({ name: "zebra", moduleVersion: "1", conf: 'BUILD_DEPENDS[0]="middle"\n' });
const lastFails = await tinyModule({ name: "zebra", moduleVersion: "1", fails: "always" });

scenario("dependencies are built first, on every kernel", [], async (machine) => {
  await machine.commit("-U", ...linux.both, ...linuxLts.both, first, middle, last);
  assert.equal(
    await machine.status(),
    ["apple/1", "middle/1", "zebra/1"].flatMap((module) => [installed(module, older), installed(module, newer)]),
  );
  assert.equal(
    machine.compiled(),
    ["apple.c", "middle.c", "zebra.c"].flatMap((file) => [`${file} for ${older}`, `${file} for ${newer}`]),
  );
});

scenario("a kernel upgrade honours them as well", [first, middle, last], async (machine) => {
  await machine.commit("-U", ...linux.both);
  assert.equal(await machine.status(), [
    installed("apple/1", older),
    installed("middle/1", older),
    installed("zebra/1", older),
  ]);
});

scenario("what depends on a failed module is told and not attempted; the others go on", [], async (machine) => {
  const output = await machine.commitWithFailure("-U", ...linux.both, first, middle, lastFails);
  assert.equal(await machine.status(), ["apple/1: added", installed("middle/1", older), "zebra/1: added"]);
  assert.equal(machine.compiled(), [`middle.c for ${older}`, `zebra.c for ${older}`], "the one that fails once");
  assert.match(output, /apple\/1.*not attempted.*zebra\/1/);
  assert.match(output, /zebra\.c:\d+:\d+: error: #error "zebra does not build for this kernel"/);
});

scenario("once the dependency is fixed, what waited for it is built", [...linux.both, middle], async (machine) => {
  await machine.commitWithFailure("-U", first, lastFails);
  machine.compiled();
  await machine.commit("-U", last);
  assert.equal(await machine.status(), [
    installed("apple/1", older),
    installed("middle/1", older),
    installed("zebra/1", older),
  ]);
  assert.equal(machine.compiled(), [`apple.c for ${older}`, `zebra.c for ${older}`]);
});

const rebuilding = await tinyModule({
  name: "zebra",
  moduleVersion: "1",
  conf: 'BUILD_DEPENDS[0]="middle"\nBUILD_DEPENDS_REBUILD="yes"\n',
});
scenario(
  "the same version of a dependency is no reason to rebuild",
  [...linux.both, middle, rebuilding],
  async (machine) => {
    await machine.need(["dkms", "uninstall", "middle/1", "-k", older]);
    const output = await machine.need(["dkms", "install", "middle/1", "-k", older]);
    // A copy of what was kept would be work as well.
    assert.not.match(output, "zebra");
    assert.equal(await machine.status(), [installed("middle/1", older), installed("zebra/1", older)]);
  },
);

const circle = await Promise.all([
  tinyModule({ name: "egg", moduleVersion: "1", conf: 'BUILD_DEPENDS[0]="hen"\n' }),
  tinyModule({ name: "hen", moduleVersion: "1", conf: 'BUILD_DEPENDS[0]="egg"\n' }),
]);

scenario("a circle is told with its members, and stops no other module", linux.both, async (machine) => {
  const output = await machine.commitWithFailure("-U", ...circle, middle);
  assert.match(output, /egg -> hen -> egg|hen -> egg -> hen/);
  assert.ok((await machine.status()).includes(installed("middle/1", older)));
  assert.equal(machine.compiled(), [`middle.c for ${older}`]);
});

test.run();
