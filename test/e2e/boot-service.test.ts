/** `dkms.service`, started by a real systemd as it boots: enabled, it installs what the running kernel lacks. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kernels, modules } from "./differential/cast.ts";
import { madeUpKernels } from "./differential/made-up-kernels.ts";
import { madeUpModules } from "./differential/made-up-modules.ts";
import { createTwins, running } from "./differential/twins.ts";

/** What a boot ends with: it shows how the service went, and stops systemd. */
const lastUnit = `[Unit]
DefaultDependencies=no
After=dkms.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/usr/bin/systemctl show -p Result -p ExecMainStatus dkms.service
StandardOutput=file:/end.log
`;

/** What a boot leads to, in place of the host's: whatever is enabled for it, and the last unit. */
const target = `[Unit]
DefaultDependencies=no
Wants=last.service
`;

/** Nothing that is enabled on the host. */
const others = "find /etc/systemd/system/multi-user.target.wants /lib/systemd/system/multi-user.target.wants";

/** systemd as the first process of namespaces of its own, in a control group that is removed afterwards. */
const boot = `set -eu
mkdir -p /groups
mount -t cgroup2 none /groups
group=/groups/dkms-alpm-boot-$BASHPID
mkdir "$group"
echo $$ >"$group/cgroup.procs"
unshare --cgroup --pid --fork --mount --kill-child bash -c '
  umount -R /sys/fs/cgroup || true
  mount -t proc proc /proc
  mount -t cgroup2 none /sys/fs/cgroup
  mount -t tmpfs tmpfs /run
  exec env container=test /lib/systemd/systemd --system --unit=multi-user.target' || true
echo $$ >/groups/cgroup.procs
find "$group" -depth -type d -exec rmdir {} +
umount /groups
cat /end.log
`;

const twins = await createTwins();
const { ours } = twins;

/** Boots a machine in which these modules are registered; gives what the service's own state says. */
async function bootOnce(): Promise<string> {
  ours.remove("/end.log");
  return ours.need(["bash", "-c", boot], { timeout: 90 });
}

async function registered(...ids: readonly string[]): Promise<void> {
  await twins.reset([await madeUpKernels(kernels), await madeUpModules(modules)]);
  ours.write("/etc/systemd/system/last.service", lastUnit);
  ours.write("/etc/systemd/system/multi-user.target", target);
  await ours.need([...others.split(" "), "-mindepth", "1", "!", "-name", "dkms.service", "-delete"]);
  for (const id of ids) await ours.need(["dkms", "add", id]);
}

test("the unit file holds nothing that systemd does not understand", async () => {
  const { status, output } = await ours.run(["systemd-analyze", "verify", "/usr/lib/systemd/system/dkms.service"]);
  assert.is(status, 0);
  assert.is(output, "");
});

test("it can be enabled", async () => {
  await ours.need(["systemctl", "--root=/", "enable", "dkms.service"]);
  assert.ok(ours.exists("/etc/systemd/system/multi-user.target.wants/dkms.service"));
});

test("a boot installs what the running kernel lacks, and the next one has nothing to do", async () => {
  await registered("plain/1.0", "choosy/1.0");
  const installed = `choosy/1.0: added\nplain/1.0, ${running}, x86_64: installed\n`;
  for (const time of ["first", "second"]) {
    assert.is(await bootOnce(), "Result=success\nExecMainStatus=0\n", time);
    assert.is(await ours.need(["dkms", "status"]), installed, time);
  }
});

test("a module that fails makes the service fail; the others are installed", async () => {
  await registered("plain/1.0", "twofold/1.0");
  ours.write("/usr/src/plain-1.0/FAIL", "");
  assert.is(await bootOnce(), "Result=exit-code\nExecMainStatus=1\n");
  assert.is(await ours.need(["dkms", "status"]), `plain/1.0: added\ntwofold/1.0, ${running}, x86_64: installed\n`);
});

test.after(() => twins.dispose());

test.run();
