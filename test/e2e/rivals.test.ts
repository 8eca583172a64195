/** The reference at work on the same tree at the same time: it takes no lock, so what it removes of ours is found out and told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { countedAs } from "../reliability-row.ts";
import { crashMachine, hookRun, type CrashMachine } from "./crash/crash-machine.ts";
import { unpackedDeb } from "./debs.ts";
import { madeUpKernels } from "./differential/made-up-kernels.ts";
import { madeUpModules, type MadeUpModule } from "./differential/made-up-modules.ts";
import { until } from "../until.ts";

const release = "6.1.10-arch1-1";
const kernels = await madeUpKernels([{ release }]);
const { folder } = await unpackedDeb("dkms");

/** Its build by ours waits as long as there is a file. */
const slow: MadeUpModule = {
  name: "slow",
  version: "1",
  conf: `MAKE[0]="while test -e /usr/lib/slow; do sleep 0.1; done; make -C \\\${kernel_source_dir} M=\\\${dkms_tree}/slow/1/build"\n`,
};
const plain: MadeUpModule = { name: "plain", version: "1" };

/** Plays what a rival does while ours waits in the build of `slow`; gives how ours has ended. */
async function during(
  rival: (machine: CrashMachine) => Promise<void>,
  judge: (machine: CrashMachine, end: { readonly status: number | null; readonly output: string }) => Promise<void>,
): Promise<void> {
  const machine = await crashMachine();
  try {
    await machine.bring([kernels, await madeUpModules([slow, plain])]);
    machine.write("/usr/local/bin/reference", readFileSync(join(folder, "usr/sbin/dkms"), "utf8"), 0o755);
    machine.write("/usr/lib/slow", "");
    const ours = machine.begin(hookRun("dkms-install", ["usr/src/slow-1/dkms.conf", "usr/src/plain-1/dkms.conf"]));
    const built = `/var/lib/dkms/plain/1/${release}/x86_64`;
    await until("plain is built", () => machine.exists(built));
    await rival(machine);
    machine.remove("/usr/lib/slow");
    await judge(machine, await ours.result);
  } finally {
    await machine.dispose();
  }
}

const installed = (name: string): string => `${name}/1, ${release}, x86_64: installed`;
const reference = (machine: CrashMachine, ...words: readonly string[]): Promise<unknown> =>
  machine.need(["reference", ...words]);

const row = { what: "the reference at work at the same time", fault: "it changes the tree", tried: 1 };

test("it installs another module: both are there", () =>
  countedAs(row, () =>
    during(
      (machine) => reference(machine, "install", "plain/1", "-k", release, "--force").then(() => undefined),
      async (machine, { status, output }) => {
        assert.is(status, 0, output);
        assert.is(await machine.need(["dkms", "status"]), `${installed("plain")}\n${installed("slow")}\n`);
      },
    ),
  ));

test("it removes a module that ours has just installed: told at once and at the end, and the next run brings it back", () =>
  countedAs(row, () =>
    during(
      (machine) => reference(machine, "remove", "plain/1", "--all").then(() => undefined),
      async (machine, { status, output }) => {
        assert.is(status, 1, output);
        const words = /plain\/1 for \S+ .* was removed by another program during this run/;
        assert.match(output, words);
        assert.match(output, `dkms install plain/1 -k ${release}`);
        const last = await machine.run(["/usr/lib/dkms-alpm/bin/dkms-report", "--last"]);
        assert.is(last.status, 1, last.output);
        assert.match(last.output, words);
        assert.not.match(last.output, /plain[^\n]* (?:is|are) installed for/);
        assert.is(await machine.need(["dkms", "status"]), `${installed("slow")}\n`);
        const again = await machine.begin(hookRun("dkms-install", ["usr/src/plain-1/dkms.conf"])).result;
        assert.is(again.status, 0, again.output);
        assert.is(await machine.need(["dkms", "status"]), `${installed("plain")}\n${installed("slow")}\n`);
      },
    ),
  ));

test("dkms install waits for a hook that is at work, and then does its own", () =>
  during(
    async (machine) => {
      const second = machine.start(["dkms", "install", "plain/1", "-k", release]);
      await second.waitFor(/^Waiting for another run to finish/m);
      machine.remove("/usr/lib/slow");
      assert.is((await second.result).status, 0);
    },
    async (machine, { status, output }) => {
      assert.is(status, 0, output);
      assert.is(await machine.need(["dkms", "status"]), `${installed("plain")}\n${installed("slow")}\n`);
    },
  ));

test.run();
