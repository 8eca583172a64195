/** A guard that cannot work refuses nothing: no space, no sandbox, no time, no program. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, scenario, type Scene } from "../scenario.ts";

const fails = await tinyModule({ name: "tiny", moduleVersion: "1.0", fails: { release: newer } });
const required = "[Guard]\nRequire = tiny\n";

/** Upgrades although the module will fail, and gives what pacman printed. */
async function goesOn(machine: Scene): Promise<string> {
  const { status, output } = await machine.pacman("-U", ...linuxNext.both);
  assert.is(status, 0, output);
  assert.equal(machine.list("/usr/lib/modules"), [newer]);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
  // The hook for removals knows no more than this one.
  assert.not.match(output, "no incoming kernel has it");
  return output;
}

scenario("no space to test in", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  await machine.need(["mount", "-t", "tmpfs", "-o", "size=20m", "full", "/var/cache/dkms-alpm"]);
  assert.match(await goesOn(machine), /WARNING: DKMS modules were not tested.*MiB of free space/);
});

scenario("no sandbox", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  machine.write("/usr/bin/bwrap", "#!/bin/sh\necho 'bwrap: no permission' >&2\nexit 1\n", 0o755);
  assert.match(await goesOn(machine), /WARNING: DKMS modules were not tested.*bubblewrap/);
});

const slow = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0",
  conf: 'PRE_BUILD="slow $kernelver"\n',
  fails: { release: newer },
  files: { slow: { text: `#!/bin/sh\n[ "$1" != ${newer} ] || sleep 3\n`, mode: 0o755 } },
});

scenario("no time", [...linux.both, slow], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", `${required}TimeLimit = 1\n`);
  assert.match(await goesOn(machine), /WARNING: .*the time limit of 1 s/);
});

scenario("a guard that cannot even start", [...linux.both, fails], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", required);
  machine.remove("/usr/lib/dkms-alpm/bin/dkms-guard");
  assert.match(await goesOn(machine), "WARNING: dkms-guard could not work (status 127)");
});

test.run();
