/** A test that is interrupted or killed leaves nothing behind: no lock, no mounts, no processes, and at the latest with the next test no files. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Command } from "../command.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, older, scenario, type Scene } from "../scenario.ts";
import { until } from "../../until.ts";

/** Takes its time for the newer kernel. */
const slow = await tinyModule({
  name: "tiny",
  moduleVersion: "1.0",
  conf: 'PRE_BUILD="wait $kernelver"\n',
  files: { wait: { text: `#!/bin/sh\n[ "$1" != ${newer} ] || [ ! -e /usr/lib/slow ] || sleep 4711\n`, mode: 0o755 } },
});

/** Begins an upgrade, and gives it once the build of the test is under way. */
async function upgradeUnderTest(machine: Scene): Promise<Command> {
  machine.write("/usr/lib/slow", "");
  const pacman = machine.start(["pacman", "--noconfirm", "-U", ...linuxNext.both], { timeout: 120 });
  await until("a build begins", async () => (await machine.run(["pgrep", "-f", "^sleep 4711"])).status === 0);
  return pacman;
}

/** Waits until nothing of a test runs any more. */
async function settled(machine: Scene): Promise<void> {
  await until("nothing of the test is left running", async () => {
    const { stdout } = await machine.run(["ps", "-eo", "args"]);
    return !/sleep 4711|dkms-guard|bwrap/.test(stdout);
  });
}

const mounts = (machine: Scene): Promise<string> => machine.need(["cat", "/proc/self/mounts"]);

scenario("Ctrl-C", [...linux.both, slow], async (machine) => {
  const before = await mounts(machine);
  const pacman = await upgradeUnderTest(machine);
  const check = machine.start(["dkms", "check"], { timeout: 120 });
  await check.waitFor(/Waiting for another test to finish/);
  check.kill("SIGINT");
  await check.result;
  await until(
    "the check that waited has ended",
    async () => (await machine.run(["pgrep", "-f", "dkms check$"])).status !== 0,
  );
  assert.is((await machine.run(["pgrep", "-f", "^sleep 4711"])).status, 0, "the test goes on");
  pacman.kill("SIGINT");
  await pacman.result;
  await settled(machine);
  assert.not.ok(machine.exists("/var/lib/pacman/db.lck"));
  assert.is(await mounts(machine), before);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
  assert.equal(machine.list("/usr/lib/modules"), [older]);
});

scenario("a kill of the test", [...linux.both, slow], async (machine) => {
  const before = await mounts(machine);
  const pacman = await upgradeUnderTest(machine);
  const [outer = ""] = (await machine.need(["pgrep", "-f", "bin/dkms-guard$"])).split("\n");
  machine.remove("/usr/lib/slow");
  await machine.need(["kill", "-KILL", outer]);
  const { status, output } = await pacman.result;
  assert.is(status, 0, output);
  await settled(machine);
  assert.is(await mounts(machine), before);
  assert.equal(machine.list("/usr/lib/modules"), [newer]);
  assert.is(machine.list("/var/cache/dkms-alpm/guard").length, 1, "the killed test had no chance to clear up");
  await machine.commit("-U", ...linuxNext.both);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
});

test.run();
