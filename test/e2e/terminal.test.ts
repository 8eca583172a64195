/** What is drawn below a run on a terminal; test/cli/frame/live-output.test.ts plays it in a terminal that changes its size. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Command } from "./command.ts";
import { crashMachine, type CrashMachine } from "./crash/crash-machine.ts";
import { madeUpKernels } from "./differential/made-up-kernels.ts";
import { madeUpModules } from "./differential/made-up-modules.ts";

const [first, second] = ["6.1.10-arch1-1", "6.1.11-arch1-1"] as const;
const kernels = await madeUpKernels([{ release: first }, { release: second }]);

/** Its build waits as long as there is a file. */
const modules = await madeUpModules([
  {
    name: "slow",
    version: "1",
    conf: `MAKE[0]="while test -e /usr/lib/slow; do sleep 0.1; done; make -C \\\${kernel_source_dir} M=\\\${dkms_tree}/slow/1/build"\n`,
  },
]);
const install = `dkms install slow/1 -k ${first} -k ${second}`;
/** Goes to where the block begins, and clears from there. */
const clear = /\r(?:\u001b\[\d+A)?\u001b\[J/;

/** Starts the command on a terminal of so many columns whose builds wait. */
async function onTerminal(columns: number, play: (machine: CrashMachine, command: Command) => Promise<void>) {
  const machine = await crashMachine();
  try {
    await machine.bring([kernels, modules]);
    machine.write("/usr/lib/slow", "");
    const words = ["script", "-qec", `stty cols ${columns}; ${install}`, "/dev/null"];
    await play(machine, machine.start(words, { env: { TERM: "xterm" }, timeout: 60 }));
  } finally {
    await machine.dispose();
  }
}

/** Lets the builds end; what was drawn is taken away, and both pairs are installed. */
async function endsWell(machine: CrashMachine, command: Command): Promise<string> {
  machine.remove("/usr/lib/slow");
  const { status, stdout } = await command.result;
  assert.is(status, 0, stdout);
  const installed = [first, second].map((release) => `slow/1, ${release}, x86_64: installed\n`);
  assert.is(await machine.need(["dkms", "status"]), installed.join(""));
  assert.not.match(stdout.split(clear).at(-1) ?? "", /steps|compiling/);
  return stdout;
}

test("a terminal has a bar, and a line that tells which pair is being built, and for how long", () =>
  onTerminal(200, async (machine, command) => {
    await command.waitFor(/ slow\/1 6\.1\.1[01]-arch1-1 +compiling +[1-9]\d* s/);
    const drawn = await endsWell(machine, command);
    const blocks = drawn.split(clear);
    for (const release of [first, second])
      assert.ok(
        blocks.some((block) => /\d\/\d+ steps/.test(block) && block.includes(` slow/1 ${release} `)),
        drawn,
      );
    assert.is(drawn.match(/==>\u001b\[0m \[\d\/2\] Installed slow\/1/g)?.length, 2, drawn);
  }));

test("a terminal with one column has room for nothing, and the run ends as well", () =>
  onTerminal(1, async (machine, command) => {
    await machine.run(["sleep", "1"]);
    assert.not.match(await endsWell(machine, command), /steps/);
  }));

test.run();
