/** Ctrl-C, SIGTERM and a terminal that goes away while a module is built, two runs at once, and modules whose scripts call dkms. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Command } from "../command.ts";
import { madeUpKernels } from "../differential/made-up-kernels.ts";
import { madeUpModules, type MadeUpModule } from "../differential/made-up-modules.ts";
import { crashMachine, hookRun, type CrashMachine, type Run } from "./crash-machine.ts";
import { until } from "../../until.ts";

const release = "6.1.10-arch1-1";
const kernels = await madeUpKernels([{ release }]);

/** Its build waits as long as there is a file, with a process of its own in the background. */
const slow: MadeUpModule = {
  name: "slow",
  version: "1",
  conf: `MAKE[0]="echo waiting >>make.waits; sleep 4242 & while test -e /usr/lib/slow; do sleep 0.1; done; kill %1; make -C \\\${kernel_source_dir} M=\\\${dkms_tree}/slow/1/build"\n`,
};
const plain: MadeUpModule = { name: "plain", version: "1" };

const buildSlow: Run = hookRun("dkms-install", ["usr/src/slow-1/dkms.conf"]);
const buildPlain: Run = hookRun("dkms-install", ["usr/src/plain-1/dkms.conf"]);

async function withMachine(
  modules: readonly MadeUpModule[],
  play: (machine: CrashMachine) => Promise<void>,
): Promise<void> {
  const machine = await crashMachine();
  try {
    const sources = await madeUpModules(modules);
    await machine.bring([kernels, sources]);
    await play(machine);
  } finally {
    await machine.dispose();
  }
}

/** The commands of the machine's processes, but for its first one and the one that lists them. */
async function processes(machine: CrashMachine): Promise<string[]> {
  const listed = await machine.need(["ps", "-e", "-o", "args="]);
  return listed.split("\n").filter((line) => !/^$|machine-init|^ps |<defunct>$/.test(line));
}

/** Starts a run whose status is printed although a signal ends whatever it is started by. */
function beginTold(machine: CrashMachine, { argv, targets }: Run): Command {
  const script = 'trap : HUP INT TERM; "$@"; echo "status $?"';
  return machine.start(["sh", "-c", script, "sh", ...argv], { input: `${targets.join("\n")}\n` });
}

const endings = [
  { signal: "SIGINT", status: 130, program: "a hook program", run: buildSlow },
  { signal: "SIGTERM", status: 143, program: "a hook program", run: buildSlow },
  { signal: "SIGHUP", status: 129, program: "a hook program", run: buildSlow },
  {
    signal: "SIGINT",
    status: 130,
    program: "dkms",
    run: { argv: ["dkms", "install", "slow/1", "-k", release], targets: [] },
  },
] as const;

for (const { signal, status, program, run } of endings) {
  test(`${program} ended by ${signal} during a build leaves nothing behind, and the next run finishes`, () =>
    withMachine([slow, plain], async (machine) => {
      const mounts = machine.read("/proc/1/mountinfo");
      machine.write("/usr/lib/slow", "");
      const command = beginTold(machine, run);
      await until("the build waits", async () => (await processes(machine)).some((line) => line === "sleep 4242"));
      command.kill(signal);
      const { output } = await command.result;
      const told = program === "dkms" ? "Interrupted" : `\\[1/1\\] slow/1 for .*: interrupted`;
      assert.match(output, new RegExp(`^==> ERROR: ${told}\\.\nstatus ${status}$`, "m"));
      // A killed process may still be on its way out.
      await until("no process is left", async () => (await processes(machine)).length === 0);
      assert.is(machine.read("/proc/1/mountinfo"), mounts);
      assert.is((await machine.run(["flock", "--nonblock", "/var/lib/dkms/.dkms-alpm.lock", "true"])).status, 0);
      assert.equal(machine.list(`/usr/lib/modules/${release}/updates`), []);
      assert.equal(
        machine.tree("/var/lib/dkms-alpm").filter((path) => path.startsWith("build/")),
        [],
      );
      machine.remove("/usr/lib/slow");
      const next = await machine.begin(buildPlain).result;
      assert.is(next.status, 0, next.output);
      const state = await machine.need(["dkms", "status"]);
      assert.is(state, `plain/1, ${release}, x86_64: installed\nslow/1, ${release}, x86_64: installed\n`, next.output);
      assert.equal(
        machine.tree("/var/lib/dkms-alpm").filter((path) => !/^(stamps|reports)\//.test(path)),
        [],
      );
    }));
}

test("of two runs at once the second waits, and says so", () =>
  withMachine([slow, plain], async (machine) => {
    machine.write("/usr/lib/slow", "");
    const first = machine.begin(buildSlow);
    await until("the build waits", async () => (await processes(machine)).some((line) => line === "sleep 4242"));
    const second = machine.begin(buildPlain);
    await second.waitFor(/^Waiting for another run to finish/m);
    assert.is(await machine.need(["dkms", "status"]), "slow/1: added\n");
    machine.remove("/usr/lib/slow");
    const ends = await Promise.all([first.result, second.result]);
    for (const { status, output } of ends) assert.is(status, 0, output);
    const state = await machine.need(["dkms", "status"]);
    assert.is(state, `plain/1, ${release}, x86_64: installed\nslow/1, ${release}, x86_64: installed\n`);
  }));

const callers = [
  // The sandbox of a build does not have the lock.
  { name: "PRE_BUILD", refusal: /calls dkms in a sandbox without the lock \/var\/lib\/dkms\/\.dkms-alpm\.lock\.$/m },
  { name: "POST_BUILD", refusal: /calls dkms in a sandbox without the lock \/var\/lib\/dkms\/\.dkms-alpm\.lock\.$/m },
  { name: "POST_INSTALL", refusal: /calls dkms while dkms holds the lock \/var\/lib\/dkms\/\.dkms-alpm\.lock\.$/m },
];

for (const { name, refusal } of callers) {
  test(`dkms called by a module's ${name} is refused at once`, () => {
    const conf = `${name}="call.sh"\n`;
    const script = `#!/bin/sh\ndkms remove plain/1 --all >called.txt 2>&1\necho "dkms left with $?" >>called.txt\ncat called.txt\n`;
    const caller: MadeUpModule = { name: "caller", version: "1", conf, files: { "call.sh": script } };
    return withMachine([caller, plain], async (machine) => {
      const { status, output } = await machine.begin(
        hookRun("dkms-install", ["usr/src/caller-1/dkms.conf", "usr/src/plain-1/dkms.conf"]),
      ).result;
      const logs = machine.tree("/var/log/dkms-alpm").map((path) => machine.read(`/var/log/dkms-alpm/${path}`));
      const told = [output, ...logs].join("\n");
      assert.is(status, 0, told);
      assert.match(told, refusal);
      assert.match(told, /dkms cannot be called from a module's own script; remove the call/);
      assert.match(told, /^dkms left with 1$/m);
      assert.is(
        await machine.need(["dkms", "status"]),
        `caller/1, ${release}, x86_64: installed\nplain/1, ${release}, x86_64: installed\n`,
      );
    });
  });
}

test.run();
