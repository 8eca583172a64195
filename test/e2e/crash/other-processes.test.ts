/** What other processes do to a run: a user who locks what he can open, pacman killed alone, a daemon that a script starts, a shell that talks to Node. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { createScene, installed, linux, linuxNext, newer, older } from "../scenario.ts";
import { until } from "../../until.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const slow = await tinyModule({
  name: "slow",
  moduleVersion: "1.0",
  conf: 'PRE_BUILD="wait"\n',
  files: { wait: { text: "#!/bin/sh\n[ ! -e /usr/share/slow ] || sleep 4713\n", mode: 0o755 } },
});
const daemon = await tinyModule({
  name: "daemon",
  moduleVersion: "1.0",
  conf: 'POST_INSTALL="start"\n',
  files: { start: { text: "#!/bin/sh\necho started\nsleep 4714 &\n", mode: 0o755 } },
});
const fails = await tinyModule({ name: "fails", moduleVersion: "1.0", fails: { release: newer } });

const transcript: string[] = [];
const machine = await createScene(transcript);
test.after(() => machine.dispose());
await machine.commit("-U", ...linux.both);

const runs = async (line: RegExp): Promise<boolean> => line.test(await machine.need(["ps", "-eo", "args"]));

test("a user without rights cannot keep a hook waiting", async () => {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const command =
    "for place in /var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm; do flock -x $place sleep 4715 & done; wait";
  const holder = machine.start([...nobody, "sh", "-c", command], { timeout: 300 });
  await until("nobody holds the locks", () => runs(/^sleep 4715/m));
  assert.not.match(await machine.commit("-U", tiny), "Waiting for another");
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
  const lock = "/var/lib/dkms/.dkms-alpm.lock";
  assert.is((await machine.need(["stat", "-c", "%a %U", lock])).trim(), "600 root");
  assert.is((await machine.need(["stat", "-c", "%a %U", "/var/lib/dkms-alpm/targets"])).trim(), "700 root");
  assert.is((await machine.run([...nobody, "flock", "--nonblock", lock, "true"])).status, 66);
  holder.kill("SIGKILL");
  await holder.result;
});

test("a run that waits names the process that holds the lock, by whatever path both have the tree", async () => {
  await machine.need(["ln", "-s", "/var/lib/dkms", "/root/tree"]);
  const holder = machine.start(["flock", "-x", "/var/lib/dkms/.dkms-alpm.lock", "sleep", "4716"], { timeout: 300 });
  await until("the lock is held", () => runs(/^sleep 4716/m));
  const run = machine.start(["dkms", "install", "tiny/1.0", "-k", older, "--force", "--dkmstree", "/root/tree"]);
  await run.waitFor(/Waiting for another run to finish with \/var\/lib\/dkms: process \d+ \(.*sleep 4716\) \.\.\./);
  holder.kill("SIGKILL");
  await holder.result;
  assert.is((await run.result).status, 0);
});

test("a daemon that POST_INSTALL starts does not hold the hook, and lives on", async () => {
  const began = performance.now();
  await machine.commit("-U", daemon);
  assert.ok(performance.now() - began < 100_000);
  assert.ok(await runs(/^sleep 4714/m));
  const [pid = ""] = (await machine.need(["pgrep", "-f", "^sleep 4714"])).split("\n");
  await machine.need(["kill", pid]);
  await machine.commit("-R", "daemon-dkms");
});

test("a hook whose pacman is killed alone ends, and the next transaction finishes its work", async () => {
  machine.write("/usr/share/slow", "");
  const pacman = machine.start(["env", "DKMS_GUARD=off", "pacman", "--noconfirm", "-U", slow], { timeout: 300 });
  await until("the build waits", () => runs(/^sleep 4713/m));
  const [pid = ""] = (await machine.need(["pgrep", "-x", "pacman"])).split("\n");
  await machine.need(["kill", "-KILL", pid]);
  await until("the hook ends", async () => !(await runs(/dkms-install|sleep 4713/)));
  await pacman.result;
  machine.remove("/var/lib/pacman/db.lck");
  machine.remove("/usr/share/slow");
  await machine.commit("-R", "tiny-dkms");
  assert.equal(await machine.status(), [installed("slow/1.0", older)]);
});

test("a guard whose pacman is killed alone ends", async () => {
  machine.write("/usr/share/slow", "");
  const pacman = machine.start(["pacman", "--noconfirm", "-U", ...linuxNext.both], { timeout: 300 });
  await until("the test build waits", () => runs(/^sleep 4713/m));
  const [pid = ""] = (await machine.need(["pgrep", "-x", "pacman"])).split("\n");
  await machine.need(["kill", "-KILL", pid]);
  await until("the guard ends", async () => !(await runs(/dkms-guard|sleep 4713/)));
  await pacman.result;
  machine.remove("/var/lib/pacman/db.lck");
  machine.remove("/usr/share/slow");
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);
});

test("what the caller's shell tells Node does not switch the guard off", async () => {
  await machine.commit("-U", fails);
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = fails\n");
  machine.write("/root/quit.js", "process.exit(0);\n");
  for (const options of ["--no-such-option", "--require=/root/quit.js"]) {
    const { status, output } = await machine.run(["pacman", "--noconfirm", "-U", ...linuxNext.both], {
      env: { NODE_OPTIONS: options },
      timeout: 300,
    });
    assert.is(status, 1, output);
    assert.equal(machine.list("/usr/lib/modules"), [older]);
  }
});

test.run();
