/** Hooks of `dkms-hookgen`, run by the real pacman with stand-ins for the programs that they call. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planHooks } from "../../../src/decide/hookgen/hookgen.ts";
import { generators, styles, type Generator, type Style } from "../../../src/decide/hookgen/names.ts";
import { scratchPacman, type Transaction } from "../../alpm/pacman.ts";

// Every transaction upgrades the package demo-dkms.
const pacman = scratchPacman(["usr/src/demo-1/dkms.conf", "usr/src/other-1/dkms.conf"]);
test.after(() => pacman.dispose());

const helper = "/usr/lib/dkms-alpm/bin/dkms-initramfs";
const launcher = "/usr/lib/dkms-alpm/run-hook";

/** Puts the launcher of all hooks into the root. */
function installLauncher(): void {
  writeInRoot(launcher, readFileSync(join(import.meta.dirname, "../../../hooks/run-hook"), "utf8"));
  chmodSync(join(pacman.root, launcher), 0o755);
}

/** One transaction with the hook for a module and a kernel, in which these programs are there. */
function transaction(module: string, kernel: string, generator: Generator, style: Style): Transaction {
  const request = { kind: "write", generator, style, force: false, modules: [module], kernels: [kernel] } as const;
  const { writes } = planHooks(request, []);
  return pacman.transaction(new Map(writes.map(({ name, text }) => [name, text])));
}

/** Puts a program into the root that writes down its arguments and its stdin. */
function standIn(path: string, status = 0): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  writeInRoot(path, `#!/bin/sh\necho "${name} $*" >>/out\ncat >>/out\nexit ${status}\n`);
  chmodSync(join(pacman.root, path), 0o755);
}

function writeInRoot(path: string, text: string): void {
  mkdirSync(dirname(join(pacman.root, path)), { recursive: true });
  writeFileSync(join(pacman.root, path), text);
}

function takeAway(path: string): void {
  rmSync(join(pacman.root, path), { recursive: true, force: true });
}

const commands: Readonly<Record<Generator, readonly string[]>> = {
  mkinitcpio: ["mkinitcpio -p linux"],
  dracut: [
    "dracut --force --hostonly --no-hostonly-cmdline --kver 6.6.1-arch1-1 /boot/initramfs-linux.img",
    "dracut --force --hostonly --no-hostonly-cmdline --kver 6.6.2 x /boot/initramfs-linux.img",
  ],
  booster: [
    "booster build --force --kernel-version 6.6.1-arch1-1 /boot/booster-linux.img",
    "booster build --force --kernel-version 6.6.2 x /boot/booster-linux.img",
  ],
};

writeInRoot("usr/lib/modules/6.6.1-arch1-1/pkgbase", "linux\n");
writeInRoot("usr/lib/modules/6.6.2 x/pkgbase", "linux\n");
writeInRoot("usr/lib/modules/6.1.9-1-lts/pkgbase", "linux-lts\n");
writeInRoot("usr/lib/modules/extramodules/version", "");

for (const generator of generators) {
  for (const style of styles) {
    test(`${generator}, ${style}: nothing is there, nothing is said`, () => {
      const { verdict, output, written } = transaction("demo-dkms", "linux", generator, style);
      assert.equal([verdict, written], ["accepts", ""]);
      assert.match(output, "Updating the initramfs of linux");
      assert.not.match(output, /error|warning: (?!demo)|not found/i);
    });
  }

  test(`${generator}, shell: a module without its kernel has the image written`, () => {
    standIn(`/usr/bin/${generator}`);
    const { written } = transaction("demo-dkms", "linux", generator, "shell");
    assert.equal(written.trim().split("\n"), commands[generator]);
  });

  test(`${generator}, shell: a failure is told`, () => {
    standIn(`/usr/bin/${generator}`, 3);
    const { output, written } = transaction("demo-dkms", "linux", generator, "shell");
    assert.equal(written.trim().split("\n"), commands[generator].slice(0, 1));
    assert.match(output, "command failed to execute correctly");
  });

  test(`${generator}, shell: with its kernel it is left to the generator's own hook`, () => {
    standIn(`/usr/bin/${generator}`);
    assert.is(transaction("other-dkms", "demo-dkms", generator, "shell").written, "");
    takeAway(`/usr/bin/${generator}`);
  });

  test(`${generator}, exec: the program gets generator, kernel and targets`, () => {
    installLauncher();
    standIn(helper);
    const { written, output } = transaction("demo-dkms", "linux", generator, "exec");
    assert.is(written, `dkms-initramfs ${generator} linux\ndemo-dkms\nusr/src/demo-1/dkms.conf\n`);
    assert.not.match(output, /error:/);
    takeAway(helper);
    takeAway(launcher);
  });
}

test("exec: a module that goes by another name fires by its source", () => {
  installLauncher();
  standIn(helper);
  assert.is(
    transaction("other-dkms-git", "linux", "dracut", "exec").written,
    "dkms-initramfs dracut linux\nusr/src/other-1/dkms.conf\n",
  );
  assert.is(transaction("third-dkms", "linux", "dracut", "exec").written, "");
  takeAway(helper);
  takeAway(launcher);
});

test("exec: a program that cannot start is told of", () => {
  installLauncher();
  writeInRoot(helper, "#!/usr/bin/node\n");
  chmodSync(join(pacman.root, helper), 0o755);
  const { output } = transaction("demo-dkms", "linux", "dracut", "exec");
  assert.match(output, "the initramfs of linux is NOT updated");
  assert.match(output, "command failed to execute correctly");
  takeAway(helper);
  takeAway(launcher);
});

test.run();
