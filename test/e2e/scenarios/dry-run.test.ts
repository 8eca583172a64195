/** `--dry-run` of every program that hooks start: the plan for the targets on stdin, each with its reason, and nothing is changed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { need } from "../command.ts";
import { settleDracut } from "../initramfs/dracut-machine.ts";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, older, scenario, type Scene } from "../scenario.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const bin = "/usr/lib/dkms-alpm/bin";
const arrived = ["modules.order", "vmlinuz", "build/include/"].map((part) => `usr/lib/modules/${newer}/${part}`);

/** Runs a program that is only to tell what it would do; gives that. */
async function intention(machine: Scene, argv: readonly string[], targets: readonly string[]): Promise<string> {
  const before = await machine.snapshot();
  const { status, output } = await machine.run(argv, { input: targets.map((target) => `${target}\n`).join("") });
  assert.is(status, 0, output);
  assert.equal(await machine.changesSince(before), []);
  assert.equal(machine.compiled(), []);
  return output;
}

scenario("what would be built, installed, tested and written for a kernel", [...linux.both, tiny], async (machine) => {
  await need(["cp", ...linuxNext.both, machine.path("/var/cache/pacman/pkg")]);
  const guard = await intention(machine, [`${bin}/dkms-guard`, "--dry-run"], arrived);
  assert.match(guard, `Build tiny/1.0 for ${newer} (x86_64): `);
  assert.equal(machine.list("/var/cache/dkms-alpm/guard"), []);

  await need(["bsdtar", "-xf", linuxNext.kernel, "-C", machine.path("/"), "usr"]);
  await need(["bsdtar", "-xf", linuxNext.headers, "-C", machine.path("/"), "usr"]);
  const install = await intention(machine, [`${bin}/dkms-install`, "-n"], arrived);
  assert.match(install, `Build tiny/1.0 for ${newer} (x86_64): `);
  assert.match(install, `Install tiny/1.0 for ${newer} (x86_64): `);

  settleDracut(machine);
  const image = [`${bin}/dkms-initramfs`, "--dry-run", "dracut", "linux"];
  const written = "Write the initramfs of linux with dracut: changed: tiny-dkms; dracut has no hook of its own here.";
  assert.match(await intention(machine, image, ["tiny-dkms"]), written);
  assert.equal(
    machine.list("/boot").filter((name) => name.startsWith("initramfs")),
    [],
  );
});

scenario("what would be removed with a module", [...linux.both, tiny], async (machine) => {
  machine.remove("/usr/src/tiny-1.0");
  const targets = ["usr/src/tiny-1.0/dkms.conf"];
  const remove = await intention(machine, [`${bin}/dkms-remove`, "--dry-run"], targets);
  assert.match(remove, `Uninstall tiny/1.0 for ${older} (x86_64): `);
  assert.match(remove, "Forget tiny/1.0: ");
});

test.run();
