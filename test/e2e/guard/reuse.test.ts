/** What the guard has built is what gets installed: no compiler runs a second time. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makePackage } from "../packages.ts";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { installed, linux, linuxNext, newer, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });

const large = await tinyModule({ name: "large", moduleVersion: "1", files: { large: "0".repeat(20 * 1024 ** 2) } });

/** Keeps a file for others, below the result of its pair, as zfs does. */
const sharing = await tinyModule({
  name: "base",
  moduleVersion: "1",
  conf: 'POST_BUILD="share $kernelver"\n',
  files: { share: { text: '#!/bin/sh\necho "shared for $1" >"/var/lib/dkms/base/1/$1/x86_64/shared"\n', mode: 0o755 } },
});
const leaning = await tinyModule({
  name: "leaning",
  moduleVersion: "1",
  conf: 'BUILD_DEPENDS[0]="base"\nPRE_BUILD="look $kernelver"\n',
  files: {
    look: { text: '#!/bin/sh\ngrep -q "shared for $1" "/var/lib/dkms/base/kernel-$1-x86_64/shared"\n', mode: 0o755 },
  },
});
/** Knows but one place for headers. */
const stubborn = await tinyModule({
  name: "stubborn",
  moduleVersion: "1",
  conf: 'MAKE[0]="make KVER=${kernelver}"\n',
  files: {
    Makefile: "obj-m := stubborn.o\nall:\n\t$(MAKE) -C /lib/modules/$(KVER)/build M=$(CURDIR) modules\n",
  },
});
/** Takes a part from outside of its source, as broadcom-wl does. */
const scattered = await makePackage({
  name: "scattered-dkms",
  version: "1-1",
  files: {
    "usr/lib/scattered/part.h": "#define PART 1\n",
    "usr/src/scattered-1/dkms.conf":
      'PACKAGE_NAME="scattered"\nPACKAGE_VERSION="1"\nBUILT_MODULE_NAME[0]="scattered"\nDEST_MODULE_LOCATION[0]="/kernel/drivers/misc"\nAUTOINSTALL="yes"\n',
    "usr/src/scattered-1/Makefile": "obj-m := scattered.o\n",
    "usr/src/scattered-1/scattered.c":
      '#include <linux/module.h>\n#include "/usr/lib/scattered/part.h"\nint part = PART;\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("parts");\n',
  },
});

scenario(
  "a package that holds more than the memory set aside for it is tested all the same",
  linux.both,
  async (machine) => {
    assert.match(await machine.commit("-U", large), "==> [1/1] Installed from the test build: large/1 ");
  },
);

scenario(
  "a kernel and its headers from a repository: built before, installed after",
  [...linux.both, tiny],
  async (machine) => {
    await repository(machine, "core", linuxNext.both);
    machine.compiled();
    const pacman = machine.start(["pacman", "--noconfirm", "-Syu"], { timeout: 250 });
    await pacman.waitFor(/Building and installing DKMS modules/);
    assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
    const { status, output } = await pacman.result;
    assert.is(status, 0, output);
    assert.match(output, `==> [1/1] tiny/1.0 for linux ${newer} builds (`);
    assert.equal(machine.compiled(), [], "a compiler ran after the commit");
    assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
    assert.is(await machine.modinfo(newer, "version", "tiny"), "1.0");
    assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
  },
);

scenario("-U with relative names, from a directory of the caller's", [...linux.both, tiny], async (machine) => {
  await machine.need(["mkdir", "-p", "/srv/mine"]);
  await machine.need(["cp", ...linuxNext.both, "/srv/mine"]);
  const names = linuxNext.both.map((path) => `./${path.split("/").at(-1)}`);
  machine.compiled();
  const result = await machine.run(["pacman", "--noconfirm", "-U", ...names], { cwd: "/srv/mine", timeout: 250 });
  assert.is(result.status, 0, result.output);
  assert.match(result.output, `==> [1/1] tiny/1.0 for linux ${newer} builds (`);
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`]);
  assert.equal(await machine.status(), [installed("tiny/1.0", newer)]);
});

scenario("a new kernel and a new version of the module at once", [...linux.both, tiny], async (machine) => {
  const output = await machine.commit("-U", ...linuxNext.both, tinyNext);
  assert.match(output, `==> [1/1] tiny/2.0 for linux ${newer} builds (`);
  assert.not.match(output, "Test-building tiny/1.0");
  assert.equal(machine.compiled(), [`tiny.c for ${newer}`], "neither the old kernel nor the old version is built for");
  assert.equal(await machine.status(), [installed("tiny/2.0", newer)]);
});

scenario("modules that need each other, one place for headers, and files elsewhere", linux.both, async (machine) => {
  const output = await machine.commit("-U", sharing, leaning, stubborn, scattered, ...linuxNext.both);
  const names = ["base", "leaning", "scattered", "stubborn"];
  for (const name of names) assert.match(output, `/4] ${name}/1 for linux ${newer} builds (`);
  assert.match(output, `==> [4/4] Installed from the test build: `);
  assert.equal(
    machine.compiled(),
    names.map((name) => `${name}.c for ${newer}`),
  );
  assert.equal(
    await machine.status(),
    names.map((name) => installed(`${name}/1`, newer)),
  );
  assert.is(machine.read(`/var/lib/dkms/base/1/${newer}/x86_64/shared`), `shared for ${newer}\n`);
  assert.not.match(output, older);
});

scenario("another compiler makes what is kept worthless", [...linux.both, tiny], async (machine) => {
  await machine.commit("-R", "tiny-dkms");
  await machine.commit("-U", tiny);
  assert.equal(machine.compiled(), [], "the same source, kernel and compiler");
  await machine.commit("-R", "tiny-dkms");
  await machine.need([
    "sh",
    "-c",
    "for it in /usr/bin/gcc /usr/bin/gcc-12; do [ -f $it ] && echo '# another' >>$it; done; true",
  ]);
  await machine.commit("-U", tiny);
  assert.equal(machine.compiled(), [`tiny.c for ${older}`]);
});

test.run();
