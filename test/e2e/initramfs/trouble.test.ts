/** When things go wrong with mkinitcpio: a good image is never replaced by a worse one, and the last words of the transaction say so. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, linuxNext, newer, scenario } from "../scenario.ts";
import { calls, failure, forgetting, hookFor, mkinitcpioPackage } from "./stand-ins.ts";

const [modern, former] = await Promise.all([mkinitcpioPackage("41"), mkinitcpioPackage("36")]);
const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const tinyNext = await tinyModule({ name: "tiny", moduleVersion: "1.1" });
const broken = await tinyModule({ name: "tiny", moduleVersion: "1.2", fails: "always" });
const otherBroken = await tinyModule({ name: "other", moduleVersion: "1.1", fails: "always" });

scenario(
  "a module that does not build: the image stays, and that is told",
  [former, ...linux.both, tiny],
  async (machine) => {
    await hookFor(machine, "linux");
    const before = machine.read("/boot/initramfs-linux.img");
    const output = await machine.commitWithFailure("-U", broken);
    assert.equal(calls(machine), []);
    assert.is(machine.read("/boot/initramfs-linux.img"), before);
    assert.match(output, "==> ERROR: The initramfs of linux is NOT updated: not installed: tiny/1.2");
    const [, lastWords = ""] = output.split("Reporting on DKMS modules");
    assert.match(lastWords, /problems in this transaction/);
    assert.match(lastWords, "  -> The initramfs of linux is NOT updated");
    assert.not.match(output, /==> DKMS: /);
  },
);

const masked = [modern, ...linux.both, tiny];

scenario("a kernel without an image gets one, though it lacks the module", masked, async (machine) => {
  await hookFor(machine, "linux");
  await machine.need(["ln", "-s", "/dev/null", "/etc/pacman.d/hooks/90-mkinitcpio-install.hook"]);
  const output = await machine.commitWithFailure("-U", ...linuxNext.both, broken);
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
  assert.match(
    output,
    "of which there is none yet, is written without modules that it should have: not installed: tiny/1.2",
  );
  assert.match(machine.read("/boot/initramfs-linux.img"), `usr/lib/modules/${newer}/`);
});

scenario("a module that the hook does not name may fail", [former, ...linux.both, tiny], async (machine) => {
  await hookFor(machine, "linux");
  await machine.commitWithFailure("-U", otherBroken, tinyNext);
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
});

scenario("a run that fails leaves the old image", [former, ...linux.both, tiny], async (machine) => {
  await hookFor(machine, "linux");
  const before = machine.read("/boot/initramfs-linux.img");
  for (const trouble of [failure, forgetting]) {
    machine.write(trouble, "");
    const output = await machine.commitWithFailure("-U", tinyNext);
    assert.equal(calls(machine), ["mkinitcpio -p linux"], trouble);
    assert.is(machine.read("/boot/initramfs-linux.img"), before, trouble);
    assert.match(output, "the initramfs of linux is NOT updated", trouble);
    assert.match(output.split("Reporting on DKMS modules")[1] ?? "", "the initramfs of linux is NOT updated", trouble);
    machine.remove(trouble);
  }
  assert.equal(machine.tree("/var/lib/dkms-alpm/images"), []);
  const byHand = { input: "linux-headers\n" };
  await machine.need(["/usr/lib/dkms-alpm/bin/dkms-initramfs", "mkinitcpio", "linux"], byHand);
  assert.equal(calls(machine), ["mkinitcpio -p linux"]);
});

test.run();
