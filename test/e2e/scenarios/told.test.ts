/** What people are told beside a build: colours where pacman has them, few lines of a module that is skipped, and fixes that doctor runs when it is asked to. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "../command.ts";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { createScene, installed, linux, linuxLts, newer, older } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const picky = await tinyModule({
  name: "picky",
  moduleVersion: "1.0",
  conf: `BUILD_EXCLUSIVE_KERNEL="^9\\\\."\nBUILD_EXCLUSIVE_KERNEL_MIN="9"\nBUILD_EXCLUSIVE_CONFIG="CONFIG_ONE CONFIG_TWO CONFIG_THREE"\nBUILD_EXCLUSIVE_ARCH="arm"\n`,
});

const bad = await tinyModule({ name: "bad", moduleVersion: "1.0", fails: { release: older } });

const machine = await createScene([], linux.both);
test.after(() => machine.dispose());

const onTerminal = (command: string, input = "", env = {}): Promise<CommandResult> =>
  machine.run(["script", "-qec", command, "/dev/null"], { env: { TERM: "xterm", ...env }, input });

const plainConf = machine.read("/etc/pacman.conf").replaceAll(/^Color\n/gm, "");
const colourConf = plainConf.replace("[options]\n", "[options]\nColor\n");

for (const [title, conf, options, env, isColoured] of [
  ["Color in pacman.conf", colourConf, "", {}, true],
  ["Color and NO_COLOR", colourConf, "", { NO_COLOR: "1" }, false],
  ["no Color", plainConf, "", {}, false],
  ["--color always", plainConf, "--color always", {}, true],
  ["Color, through a pipe", colourConf, "| cat", {}, false],
] as const) {
  test(`a transaction on a terminal with ${title}: our lines ${isColoured ? "have colours" : "have none"}`, async () => {
    machine.write("/etc/pacman.conf", conf);
    const { status, stdout } = await onTerminal(`pacman --noconfirm -U ${tiny} ${options}`, "", env);
    assert.is(status, 0, stdout);
    const ours = stdout.split("\n").filter((line) => /==>| {2}->/.test(line));
    assert.ok(
      ours.some((line) => line.includes("tiny/1.0")),
      stdout,
    );
    for (const line of ours) assert.is(/\u001b\[\d+m(?:==>| {2}->)/.test(line), isColoured, JSON.stringify(line));
    machine.write("/etc/pacman.conf", plainConf);
    await machine.commit("-R", "tiny-dkms");
  });
}

test("a module that is skipped takes three lines at most in all hooks together", async () => {
  const output = await machine.commit("-U", picky);
  const lines = output.split("\n").filter((line) => /picky|\^9|CONFIG_|BUILD_EXCLUSIVE/.test(line));
  const ours = lines.filter((line) => /^(==>| {2}->| {5})/.test(line));
  assert.ok(ours.length >= 1 && ours.length <= 3, output);
  await machine.commit("-R", "picky-dkms");
});

test("a transaction is reported where the tree is another one, and to those who wait for reports", async () => {
  const reports = "/var/lib/dkms-alpm/reports";
  for (const report of machine.list(reports)) machine.remove(`${reports}/${report}`);
  machine.write("/etc/dkms/framework.conf.d/tree.conf", "dkms_tree=/srv/dkms\n");
  const output = await machine.commitWithFailure("-U", bad);
  assert.match(output, "==> ERROR: DKMS: 1 problem in this transaction.");
  assert.is(machine.list(reports).length, 1);
  const { status, stdout } = await machine.run(["dkms", "report"]);
  assert.is(status, 1, stdout);
  assert.match(stdout, "bad/1.0");
  await machine.commit("-R", "bad-dkms");
  machine.remove("/etc/dkms/framework.conf.d/tree.conf");
  machine.remove("/srv/dkms");
});

/** What `dkms doctor` proposes. */
async function fixes(): Promise<readonly string[]> {
  const { stdout } = await machine.run(["dkms", "doctor"]);
  return [...stdout.matchAll(/^ {2}-> Fix: (.*)$/gm)].map(([, fix = ""]) => fix);
}

const log = `/var/log/dkms-alpm/left-1-${older}-x86_64.log`;
const proposed = [`pacman -S linux-lts-headers`, `dkms install tiny/1.0 -k ${older}`, "dkms prune"];

test("doctor --fix: what is proposed, and asked for on a terminal; no changes nothing", async () => {
  await repository(machine, "extra", [linuxLts.headers]);
  await machine.need(["pacman", "-Sy"]);
  // Its headers are missing, which the install hook reports.
  await machine.commitWithFailure("-U", tiny, linuxLts.kernel);
  await machine.need(["dkms", "uninstall", "tiny/1.0", "-k", older]);
  machine.write(log, `DKMS (dkms-alpm-1.0.0) make.log for left/1 for kernel ${older} (x86_64)\n`);
  const found = await fixes();
  for (const fix of proposed) assert.ok(found.includes(fix), found.join("\n"));
  const before = await machine.snapshot();
  const { status, stdout } = await onTerminal("dkms doctor --fix", "n\n".repeat(9));
  assert.is(status, 1, stdout);
  assert.is(stdout.match(/Run it\? \[y\/N\]/g)?.length, proposed.length, stdout);
  assert.equal(await machine.changesSince(before), []);
  assert.ok(machine.exists(log));
});

test("doctor --fix --dry-run prints the commands and runs none; without a terminal it does not ask", async () => {
  const before = await machine.snapshot();
  const { status, stdout } = await machine.run(["dkms", "doctor", "--fix", "--dry-run"]);
  assert.is(status, 1, stdout);
  for (const fix of proposed) assert.match(stdout, `  -> ${fix}\n`);
  const refused = await machine.run(["dkms", "doctor", "--fix"]);
  assert.is(refused.status, 2, refused.output);
  assert.match(refused.stderr, "add --yes");
  assert.equal(await machine.changesSince(before), []);
});

test("doctor --fix --yes runs them, pacman too, and then no finding is left", async () => {
  const { output } = await machine.run(["dkms", "doctor", "--fix", "--yes"], { timeout: 200 });
  const left = await fixes();
  for (const fix of proposed) assert.not.ok(left.includes(fix), output);
  assert.equal(
    (await machine.status()).filter((line) => line.startsWith("tiny")),
    [installed("tiny/1.0", older), installed("tiny/1.0", newer)],
  );
  assert.not.ok(machine.exists(log));
  assert.match(output, /^Now: /m);
});

test("a lock that cannot be had at all is not waited for, and flock's reason is printed", async () => {
  machine.write("/usr/local/sbin/flock", "#!/bin/sh\necho 'flock: 3: No locks available' >&2\nexit 71\n", 0o755);
  const { status, output } = await machine.run(["dkms", "uninstall", "tiny/1.0", "-k", older]);
  machine.remove("/usr/local/sbin/flock");
  assert.is(status, 1, output);
  const words =
    "Cannot lock /var/lib/dkms/.dkms-alpm.lock: flock exited with status 71 (flock: 3: No locks available).";
  assert.match(output, words);
  assert.not.match(output, "Waiting for another run");
});

test.run();
