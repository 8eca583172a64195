/** From dkms to this project and back again, on a machine with modules: nothing is lost, nothing is built twice, each goes on where the other stopped. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { countCompiler } from "../compiler-count.ts";
import { createMachine, type Machine } from "../machine.ts";
import { tinyModule } from "../module-packages.ts";
import { projectPackage } from "../project-package.ts";
import { referencePackage } from "../reference-package.ts";
import { installed, linux, linuxNext, newer, older } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "2.0" });

/** A transaction in which one of two packages in conflict takes the other's place: the question that --noconfirm answers with no. */
async function commit(machine: Machine, ...packages: readonly string[]): Promise<string> {
  const { status, output } = await machine.run(["pacman", "--noconfirm", "--ask", "4", "-U", ...packages], {
    timeout: 300,
  });
  assert.is(status, 0, output);
  assert.not.match(output, /failed to execute|error:/, output);
  return output;
}

const pairs = async (machine: Machine): Promise<string[]> =>
  // Older releases of dkms do not say which pairs differ, and neither has a reason to.
  (await machine.need(["dkms", "status"])).split("\n").filter((line) => line !== "");

const objects = (machine: Machine): Promise<string> =>
  machine.need(["find", "/usr/lib/modules", "-name", "tiny.ko*", "-printf", "%p %s %T@\n"]);

test("dkms, dkms-alpm, dkms", async () => {
  const reference = await referencePackage();
  const machine = await createMachine({ osRelease: "arch" });
  const compiler = await countCompiler(machine);
  try {
    await commit(machine, reference, ...linux.both, tiny);
    assert.equal(await pairs(machine), [installed("tiny/1.0", older)], "dkms has done its work");
    assert.match(machine.read("/usr/bin/dkms"), /^#!\/bin\/bash/);
    machine.write("/etc/dkms/framework.conf", "# mine\n");
    const placed = await objects(machine);
    compiler.take();

    const there = await commit(machine, await projectPackage());
    assert.is((await machine.run(["pacman", "-Q", "dkms-alpm"])).status, 0);
    assert.is((await machine.run(["pacman", "-Q", "dkms"])).stdout.split(" ")[0], "dkms-alpm");
    assert.is((await machine.run(["pacman", "-Dk"])).status, 0, "every dependency is met");
    assert.match(there, /are kept as they are/);
    assert.match(there, /mv \/etc\/dkms\/framework\.conf\.pacsave \/etc\/dkms\/framework\.conf/);
    assert.is(machine.read("/etc/dkms/framework.conf.pacsave"), "# mine\n");
    assert.equal(await pairs(machine), [installed("tiny/1.0", older)]);
    assert.is(await objects(machine), placed, "the objects are the same");
    assert.equal(compiler.take(), []);

    await commit(machine, tinyNext);
    assert.equal(await pairs(machine), [installed("tiny/2.0", older)], "ours goes on where dkms stopped");
    assert.equal(compiler.take(), [`tiny.c for ${older}`]);

    const back = await commit(machine, reference);
    assert.is((await machine.run(["pacman", "-Q", "dkms-alpm"])).status, 1);
    assert.match(back, /stay in \/var\/lib\/dkms, where Arch's dkms finds them/);
    assert.match(back, /rm -rf \/var\/lib\/dkms-alpm \/var\/cache\/dkms-alpm \/var\/log\/dkms-alpm/);
    assert.equal(await pairs(machine), [installed("tiny/2.0", older)]);
    assert.equal(compiler.take(), []);

    await commit(machine, ...linuxNext.both);
    assert.ok((await pairs(machine)).includes(installed("tiny/2.0", newer)), "dkms goes on where ours stopped");
    assert.equal(compiler.take(), [`tiny.c for ${newer}`]);
    await machine.need(["pacman", "--noconfirm", "-Rns", "tiny-dkms"]);
    assert.equal(await pairs(machine), []);
  } finally {
    compiler.close();
    await machine.dispose();
  }
});

test("what says what stays says it only where something does", async () => {
  const machine = await createMachine({ osRelease: "arch" });
  try {
    const first = await commit(machine, await projectPackage());
    assert.not.match(first, /kept as they are|pacsave/);
    const { output } = await machine.pacman("-R", "dkms-alpm");
    assert.not.match(output, /Built modules stay|dkms-hookgen/);
  } finally {
    await machine.dispose();
  }
});

test.run();
