/** What users of DKMS have reported, in transactions. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "../command.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, older, scenario } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const excluded = await tinyModule({ name: "tiny", moduleVersion: "2.0", conf: 'BUILD_EXCLUSIVE_KERNEL="^none"\n' });

scenario(
  "an old version that is kept for an excluded one goes with the package",
  [...linux.both, tiny],
  async (machine) => {
    await machine.commit("-U", excluded);
    assert.equal(await machine.status(), ["tiny/1.0: broken", "tiny/2.0: added"]);
    assert.is(await machine.modinfo(older, "version", "tiny"), "1.0");
    const document = JSON.parse(await machine.need(["dkms", "status", "--json"])) as {
      modules: readonly { pairs: readonly { keptBecause: unknown }[] }[];
    };
    const reason = { reason: "awaits-version", module: "tiny", version: "2.0" };
    assert.equal(document.modules[0]?.pairs[0]?.keptBecause, reason);
    const { output } = await machine.run(["dkms", "doctor"]);
    assert.match(output, "tiny/2.0 is to take its place");
    assert.not.match(output, "dkms prune");

    await machine.commit("-R", "tiny-dkms");
    assert.equal(await machine.traces("tiny"), []);
    assert.is(await machine.modinfo(older, "version", "tiny"), "");
  },
);

scenario("a chroot without /dev is called that", [...linux.both, tiny], async (machine) => {
  const within = (line: string): Promise<CommandResult> =>
    machine.run(["unshare", "--mount", "bash", "-c", `mount -t tmpfs none /dev && ${line}`]);
  for (const line of ["dkms build --force tiny/1.0 -k " + older, "dkms doctor"]) {
    const { status, output } = await within(line);
    assert.is.not(status, 0);
    assert.match(output, "There is no /dev/null here");
    assert.match(output, "arch-chroot");
    assert.not.match(output, "ENOENT");
  }
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
});

scenario("prune finds the owner of an object in a database elsewhere", [...linux.both], async (machine) => {
  const path = `/usr/lib/modules/${older}/updates/dkms/vendor.ko`;
  await machine.need([
    "bash",
    "-c",
    "mv /var/lib/pacman /var/lib/packages && sed -i '/^\\[options\\]/a DBPath = /var/lib/packages' /etc/pacman.conf",
  ]);
  await machine.need(["bash", "-c", `mkdir -p $(dirname ${path}) && echo broken >${path}`]);
  const list = `/var/lib/packages/local/vendor-1-1/files`;
  await machine.need([
    "bash",
    "-c",
    `mkdir -p $(dirname ${list}) && printf '%s\\n' '%FILES%' ${path.slice(1)} >${list}`,
  ]);
  const prune = async (): Promise<string> => (await machine.run(["dkms", "prune", "--dry-run", "--force"])).output;
  assert.not.match(await prune(), "vendor.ko");
  await machine.need(["rm", "-r", "/var/lib/packages/local/vendor-1-1"]);
  assert.match(await prune(), /[Dd]elete.*vendor\.ko/);
  await machine.need(["mv", "/var/lib/packages/local", "/var/lib/packages/away"]);
  assert.not.match(await prune(), /[Dd]elete.*vendor\.ko/);
  await machine.need(["mv", "/var/lib/packages/away", "/var/lib/packages/local"]);
});

scenario("an undeclared dependency passes guard and hook at the second try", [...linux.both], async (machine) => {
  const script = (text: string) => ({ text: `#!/bin/sh\n${text}\n`, mode: 0o755 });
  const base = await tinyModule({
    name: "base",
    moduleVersion: "1.0",
    conf: 'PRE_BUILD="slow.sh"\n',
    files: { "slow.sh": script("sleep 3") },
  });
  const zdep = await tinyModule({
    name: "zdep",
    moduleVersion: "1.0",
    conf: 'PRE_BUILD="check.sh"\n',
    files: { "check.sh": script("test -e /var/lib/dkms/base/kernel-$kernelver-$arch") },
  });
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nPolicy = all\n[Build]\nCache = no\n");
  const output = await machine.commit("-U", base, zdep);
  assert.equal(await machine.status(), [installed("base/1.0", older), installed("zdep/1.0", older)]);
  assert.match(output, "is tried once more, now that base/1.0 is installed");
});

test.run();
