/** Whatever surroundings a caller brings along, the result is the same: variables, descriptors, directory, terminal. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../form.ts";
import { countedAs } from "../reliability-row.ts";
import { crashMachine, hookRun, type Run } from "./crash/crash-machine.ts";
import { madeUpKernels } from "./differential/made-up-kernels.ts";
import { madeUpModules } from "./differential/made-up-modules.ts";

const release = "6.1.10-arch1-1";
const machine = await crashMachine();
await machine.bring([
  await madeUpKernels([{ release, suffix: ".zst" }]),
  await madeUpModules([
    { name: "tiny", version: "1", conf: 'POST_BUILD="after.sh"\n', files: { "after.sh": "#!/bin/sh\ntouch built\n" } },
  ]),
]);
machine.write("/root/evil.sh", "touch /canary\n", 0o755);
await machine.save("before");

const programs: Readonly<Record<string, Run>> = {
  "a hook": hookRun("dkms-install", ["usr/src/tiny-1/dkms.conf"]),
  dkms: { argv: ["dkms", "install", "tiny/1", "-k", release], targets: [] },
};

const evil = "touch /canary";

/** Shell lines before the program, which is `"$@"`. */
const surroundings: Readonly<Record<string, string>> = {
  "a short PATH": 'PATH=/usr/bin; exec "$@"',
  "a PATH with other programs first": `mkdir -p /tmp/evil; for name in make gcc depmod bwrap flock bash cp; do ln -sf /root/evil.sh /tmp/evil/$name; done; PATH=/tmp/evil:$PATH; exec "$@"`,
  LD_LIBRARY_PATH: 'export LD_LIBRARY_PATH=/nonexistent; exec "$@"',
  "LD_PRELOAD of nothing": 'export LD_PRELOAD=/nonexistent.so; exec "$@"',
  "BASH_ENV and ENV": 'export BASH_ENV=/root/evil.sh ENV=/root/evil.sh; exec "$@"',
  "exported functions": `export 'BASH_FUNC_make%%=() { ${evil}; }' 'BASH_FUNC_printf%%=() { ${evil}; }'; exec "$@"`,
  "SHELLOPTS and BASHOPTS": 'exec env SHELLOPTS=noexec:xtrace BASHOPTS=failglob "$@"',
  IFS: 'export IFS=/; exec "$@"',
  "a Turkish locale": 'export LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8; exec "$@"',
  "no locale at all": 'unset LC_ALL LANG; exec "$@"',
  "umask 0777": 'umask 0777; exec "$@"',
  "umask 0": 'umask 0; exec "$@"',
  "TMPDIR that is not there": 'export TMPDIR=/nonexistent; exec "$@"',
  MAKEFLAGS: 'export MAKEFLAGS="-n -j1" MAKELEVEL=3 MAKEFILES=/root/evil.sh; exec "$@"',
  "variables of kernel builds":
    'export ARCH=arm64 CROSS_COMPILE=evil- CC=/root/evil.sh KCFLAGS=-Werror KBUILD_OUTPUT=/tmp/out M=/ V=1 O=/tmp/out; exec "$@"',
  "options of compressors": 'export ZSTD_CLEVEL=99 XZ_OPT=-9e GZIP=-9 TAR_OPTIONS=--bogus; exec "$@"',
  "variables of modules' confs":
    'export kernelver=evil PACKAGE_NAME=evil dkms_tree=/tmp/evil BUILT_MODULE_NAME=evil; exec "$@"',
  "a directory that was removed": 'mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; exec "$@"',
  "no standard output": 'exec "$@" >&-',
  "no standard error": 'exec "$@" 2>&-',
  "a full standard output": 'exec "$@" >/dev/full',
  "a reader that has ended": 'exec "$@" 2>&1 | true; exit "${PIPESTATUS[0]}"',
  "a terminal of one column": 'export TERM=dumb COLUMNS=1 LINES=1; exec "$@"',
  "HOME and USER of nobody": 'export HOME=/nonexistent USER=nobody LOGNAME=nobody; exec "$@"',
  "few open files": 'ulimit -n 256; exec "$@"',
  "further open descriptors": 'exec 3</dev/null 4<>/tmp/four 7</; rm /tmp/four; exec "$@"',
};

const expected = new Map<string, readonly string[]>();

for (const [program, { argv, targets }] of Object.entries(programs)) {
  const end = async (script: string): Promise<{ status: number | null; output: string; state: readonly string[] }> => {
    await machine.restore("before");
    const command = ["bash", "--norc", "-c", script, "sh", ...argv];
    const { status, output } = await machine.run(command, { input: targets.map((target) => `${target}\n`).join("") });
    machine.remove("/tmp/evil");
    return { status, output, state: await machine.state() };
  };
  test(`${program}, as usual`, async () => {
    const { status, output, state } = await end('exec "$@"');
    assert.is(status, 0, output);
    assert.ok(state.some((line) => line.includes(`tiny/1, ${release}, x86_64: installed`)));
    expected.set(program, state);
  });
  for (const [what, script] of share(Object.entries(surroundings), 3)) {
    test(`${program}, with ${what}`, () =>
      countedAs({ what: "installing a module", fault: "odd surroundings", tried: 1 }, async () => {
        const { status, output, state } = await end(script);
        assert.is(status, 0, output);
        assert.equal(state, expected.get(program), output);
        assert.not.ok(machine.exists("/canary"), "a program of the caller's has been run");
      }));
  }
}

test("a hook, with options for another Node", async () => {
  await machine.restore("before");
  const { argv, targets } = hookRun("dkms-install", ["usr/src/tiny-1/dkms.conf"]);
  const { status, output } = await machine.run([...argv], {
    input: `${targets.join("\n")}\n`,
    env: { NODE_OPTIONS: "--no-such-option" },
  });
  assert.is(status, 0, output);
  assert.equal(await machine.state(), expected.get("a hook"));
});

test("dkms without standard input", async () => {
  await machine.restore("before");
  const { status, output } = await machine.run(["sh", "-c", `exec dkms install tiny/1 -k ${release} <&-`]);
  assert.is(status, 0, output);
  assert.equal(await machine.state(), expected.get("dkms"));
});

test.run();
