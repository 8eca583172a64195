/** The harness itself: a machine must behave as an Arch system does towards hooks, and leave nothing on the host. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "./cache.ts";
import { runCommand } from "./command.ts";
import { kernelPackages, releases } from "./kernel-packages.ts";
import { createMachine } from "./machine.ts";
import { modulePackage, tinyModule } from "./module-packages.ts";
import { nodeVersion } from "./node-under-test.ts";
import { makePackage } from "./packages.ts";
import { repository } from "./repository.ts";
import { until } from "../until.ts";

const [older = "", newer = ""] = (await releases("cloud-amd64")).slice(-2);
const before = await kernelPackages({ pkgbase: "linux", release: older });
const after = await kernelPackages({ pkgbase: "linux", release: newer });

const targetsHook = `[Trigger]
Type = Path
Operation = Install
Operation = Upgrade
Operation = Remove
Target = usr/lib/modules/*/build/include/
Target = usr/lib/modules/*/modules.order
[Action]
When = PostTransaction
NeedsTargets
Exec = /bin/sh -c "cat >>/var/log/targets; bwrap --ro-bind / / echo from bwrap"
`;

const lines = (release: string): string =>
  `usr/lib/modules/${release}/build/include/\nusr/lib/modules/${release}/modules.order\n`;

test("a kernel comes, is upgraded from a repository and goes, and a hook in a working sandbox hears of it", async () => {
  const machine = await createMachine();
  machine.write("/etc/pacman.d/hooks/50-targets.hook", targetsHook);
  const heard = (): string => {
    const text = machine.read("/var/log/targets");
    machine.remove("/var/log/targets");
    return text;
  };

  const installed = await machine.pacman("-U", ...before.both);
  assert.is(installed.status, 0, installed.output);
  assert.match(installed.output, /^from bwrap$/m);
  assert.is(heard(), lines(older));
  assert.equal(machine.list("/usr/lib/modules"), [older]);
  assert.is(machine.read(`/usr/lib/modules/${older}/pkgbase`), "linux\n");

  await repository(machine, "core", after.both);
  const upgraded = await machine.pacman("-Syu");
  assert.is(upgraded.status, 0, upgraded.output);
  assert.is(heard(), lines(older) + lines(newer));
  assert.equal(machine.list("/usr/lib/modules"), [newer]);

  const removed = await machine.pacman("-R", "linux", "linux-headers");
  assert.is(removed.status, 0, removed.output);
  assert.is(heard(), lines(newer));
  assert.equal(machine.list("/usr/lib/modules"), []);
  await machine.dispose();
});

test("modules compile against installed headers", async () => {
  const module = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
  const dkms = await makePackage({ name: "dkms", version: "3-1" });
  const machine = await createMachine({ packages: [...before.both, dkms, module] });
  const make = ["make", "-C", `/usr/lib/modules/${older}/build`, "M=/usr/src/tiny-1.0", "modules"];
  const made = await machine.run(make);
  assert.is(made.status, 0, made.output);
  const info = await machine.need(["modinfo", "/usr/src/tiny-1.0/tiny.ko"]);
  assert.match(info, new RegExp(`^vermagic: +${older} `, "m"));
  assert.match(info, /^version: +1\.0$/m);
  await machine.dispose();
});

test("a module can be made to fail for one kernel only", async () => {
  const module = await tinyModule({ name: "tiny", moduleVersion: "2.0", fails: { release: older }, depends: [] });
  const machine = await createMachine({ packages: [...before.both, module] });
  const make = ["make", "-C", `/usr/lib/modules/${older}/build`, "M=/usr/src/tiny-2.0", "modules"];
  const made = await machine.run(make);
  assert.is(made.status, 2);
  assert.match(made.output, /#error "tiny does not build for this kernel"/);
  await machine.dispose();
});

test("real module packages carry the changes asked for", async () => {
  const path = await modulePackage({
    deb: "v4l2loopback-dkms",
    packageVersion: "0.13.0",
    folder: "v4l2loopback-0.13.0",
    depends: [],
    edits: { "v4l2loopback.c": [["MODULE_LICENSE(", "/* edited */ MODULE_LICENSE("]] },
  });
  const machine = await createMachine({ packages: [path] });
  assert.equal(machine.list("/usr/src"), ["v4l2loopback-0.13.0"]);
  assert.match(machine.read("/usr/src/v4l2loopback-0.13.0/dkms.conf"), /^PACKAGE_VERSION="0.13.0"$/m);
  assert.match(machine.read("/usr/src/v4l2loopback-0.13.0/v4l2loopback.c"), "/* edited */ MODULE_LICENSE(");
  await machine.dispose();
});

test("a plain chroot is one: pacman works, bubblewrap does not", async () => {
  const machine = await createMachine();
  const query = await machine.run(["pacman", "-Q", "nodejs"], { enter: "chroot" });
  assert.is(query.stdout, `nodejs ${nodeVersion}-1\n`);
  const sandbox = await machine.run(["bwrap", "--ro-bind", "/", "/", "true"], { enter: "chroot" });
  assert.is.not(sandbox.status, 0);
  await machine.dispose();
});

test("files are read and written as the machine sees them", async () => {
  const machine = await createMachine({ osRelease: "arch" });
  await machine.need(["ln", "-s", "/etc/os-release", "/srv/link"]);
  assert.match(machine.read("/srv/link"), "ID=arch");
  machine.write("/srv/deep/file", "text", 0o755);
  assert.is(await machine.need(["stat", "-c", "%a", "/srv/deep/file"]), "755\n");
  assert.equal(machine.tree("/srv"), ["deep/file", "link"]);
  machine.remove("/srv/link");
  assert.not.ok(machine.exists("/srv/link"));
  assert.ok(machine.exists("/etc/os-release"));
  await machine.dispose();
});

test("a machine's disk can be full", async () => {
  const machine = await createMachine({ disk: "4m", host: "absent" });
  const copy = await machine.run(["sh", "-c", "head -c 9m /dev/zero >/var/lib/dkms/big"]);
  assert.match(copy.output, /No space left on device/);
  await machine.dispose();
});

test("Node leaves with its package", async () => {
  const machine = await createMachine();
  assert.is(await machine.need(["node", "--version"]), `v${nodeVersion}\n`);
  await machine.pacman("-R", "nodejs");
  assert.is((await machine.run(["node", "--version"])).status, 127);
  await machine.dispose();
});

test("a command that hangs is ended and named", async () => {
  const machine = await createMachine({ host: "absent" });
  const message = await machine.run(["sh", "-c", "sleep 1000 & sleep 1000"], { timeout: 0.1 }).then(
    () => "no error",
    (error: unknown) => String(error),
  );
  assert.match(message, /sleep 1000: no end after 1 s/);
  await machine.dispose();
});

test("background processes and mounts end with the machine", async () => {
  const machine = await createMachine({ host: "absent" });
  const mark = `9${process.pid}.125`;
  await machine.run(["sh", "-c", `setsid sleep ${mark} </dev/null >/dev/null 2>&1 &`]);
  await until("it runs", () => sleepers(mark) === 1);
  await machine.dispose();
  assert.is(sleepers(mark), 0);
  assert.not.match(readFileSync("/proc/self/mounts", "utf8"), "mount-point");
  assert.equal(readdirSync(`${cacheDirectory}/mount-point`), []);
});

test("nor do they outlive a test that was killed", async () => {
  const mark = `8${process.pid}.125`;
  const script = `
    const { createMachine } = await import(${JSON.stringify(`${import.meta.dirname}/machine.ts`)});
    const machine = await createMachine({ host: "absent" });
    await machine.run(["sh", "-c", "setsid sleep ${mark} </dev/null >/dev/null 2>&1 & sleep 0.2"]);
    process.kill(process.pid, "SIGKILL");`;
  const killed = await runCommand([process.execPath, "--import", "tsx", "--input-type=module", "-e", script]);
  assert.is(killed.signal, "SIGKILL", killed.output);
  await until("it has ended", () => sleepers(mark) === 0);
});

function sleepers(mark: string): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLine(name) === `sleep\0${mark}\0`).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test.run();
