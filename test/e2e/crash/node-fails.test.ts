/** A Node that does not start: pacman goes on, it is told in plain words, and the next run that works does the work. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../form.ts";
import { tinyModule } from "../module-packages.ts";
import { installed, linux, older, scenario, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const other = await tinyModule({ name: "other", moduleVersion: "1.0" });

/** Nodes that do not start, as scripts in its place. */
const broken = [
  {
    title: "a Node that misses a library",
    script: "#!/bin/sh\necho 'node: error while loading shared libraries: libicui18n.so.76' >&2\nexit 127\n",
    status: 127,
  },
  { title: "a Node that dies of SIGSEGV", script: "#!/bin/sh\nkill -SEGV $$\n", status: 139 },
  { title: "a Node that is killed", script: "#!/bin/sh\nkill -KILL $$\n", status: 137 },
  {
    title: "a Node that is too old",
    script: "#!/bin/sh\necho 'SyntaxError: Unexpected token .' >&2\nexit 1\n",
    status: 1,
  },
] as const;

async function breakNode(machine: Scene, script: string): Promise<void> {
  await machine.need(["mv", "/usr/bin/node", "/usr/bin/node.good"]);
  machine.write("/usr/bin/node", script, 0o755);
}

async function fixNode(machine: Scene): Promise<void> {
  await machine.need(["mv", "-f", "/usr/bin/node.good", "/usr/bin/node"]);
}

function assertTold(output: string, program: string, status: number): void {
  assert.match(
    output,
    `==> ERROR: ${program} could not do its work (status ${status}): DKMS modules were NOT built or removed.`,
  );
  assert.match(output, "Do not reboot before this is fixed");
  assert.match(output, "Does Node.js start? Try: node --version");
  assert.match(output, /The work is remembered: .* \/usr\/lib\/dkms-alpm\/bin\/dkms-install <\/dev\/null/);
}

for (const { title, script, status } of share(broken, 2)) {
  scenario(`${title}: what comes is built by the next run`, linux.both, async (machine) => {
    await breakNode(machine, script);
    assertTold(await machine.commitWithFailure("-U", tiny), "dkms-install", status);
    await fixNode(machine);
    assert.equal(await machine.status(), []);
    await machine.commit("-U", other);
    assert.equal(await machine.status(), [installed("other/1.0", older), installed("tiny/1.0", older)]);
    assert.equal(machine.list("/var/lib/dkms-alpm/targets"), []);
  });
}

const { script, status } = broken[0];

scenario(
  "a Node that misses a library: what goes is removed by the next run",
  [...linux.both, tiny],
  async (machine) => {
    await breakNode(machine, script);
    assertTold(await machine.commitWithFailure("-R", "tiny-dkms"), "dkms-remove", status);
    await fixNode(machine);
    await machine.commit("-U", other);
    assert.equal(await machine.status(), [installed("other/1.0", older)]);
    assert.equal(await machine.traces("tiny"), []);
  },
);

scenario("a Node that misses a library: a run by hand finishes as well", [...linux.both, tiny], async (machine) => {
  await breakNode(machine, script);
  await machine.commitWithFailure("-U", other);
  await fixNode(machine);
  const { status: left, output } = await machine.run(["/usr/lib/dkms-alpm/bin/dkms-install"]);
  assert.is(left, 0, output);
  assert.equal(await machine.status(), [installed("other/1.0", older), installed("tiny/1.0", older)]);
});

for (const shell of [["dash"], ["bash", "--posix"]]) {
  scenario(
    `a Node that misses a library: a hook without targets finishes as well, by ${shell[0]}`,
    [...linux.both, tiny],
    async (machine) => {
      await breakNode(machine, script);
      await machine.commitWithFailure("-U", other);
      await fixNode(machine);
      const { status: left, output } = await machine.run([...shell, "/usr/lib/dkms-alpm/run-hook", "dkms-install"]);
      assert.is(left, 0, output);
      assert.equal(await machine.status(), [installed("other/1.0", older), installed("tiny/1.0", older)]);
      assert.equal(machine.list("/var/lib/dkms-alpm/targets"), []);
    },
  );
}

scenario(
  "a Node that misses a library does not keep dkms-alpm from leaving",
  [...linux.both, tiny],
  async (machine) => {
    await breakNode(machine, script);
    const output = await machine.commitWithFailure("-Rns", "tiny-dkms", "dkms-alpm");
    assert.match(output, "==> ERROR: dkms-remove could not do its work");
    assert.not.match(output, "The work is remembered");
    assert.is((await machine.run(["pacman", "-Q", "dkms-alpm"])).status, 1);
  },
);

scenario("a program that is killed is told of at the end of the transaction", linux.both, async (machine) => {
  // Only dkms-install is killed: what speaks last works.
  const path = "/usr/lib/dkms-alpm/bin/dkms-install";
  await machine.need(["mv", path, `${path}.good`]);
  machine.write(path, "#!/bin/sh\nkill -KILL $$\n", 0o755);
  const output = await machine.commitWithFailure("-U", tiny);
  assertTold(output, "dkms-install", 137);
  assert.match(
    output.slice(output.indexOf("Reporting on DKMS modules")),
    "DKMS: a run was interrupted before it had done its work",
  );
  await machine.need(["mv", "-f", `${path}.good`, path]);
  await machine.need(["dkms", "add", "tiny/1.0"]);
  assert.equal(await machine.status(), [installed("tiny/1.0", older)]);
});

test.run();
