/** A newcomer's first run: the commands of README and CONTRIBUTING, one after the other, on a machine with nothing but apt and Node. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "../cache.ts";
import { need, runCommand, type CommandResult } from "../command.ts";

const project = resolve(import.meta.dirname, "../../..");
const checkout = "/home/newcomer/dkms-alpm";
mkdirSync(cacheDirectory, { recursive: true });
const root = mkdtempSync(join(cacheDirectory, "first-run-"));
test.after(() => rmSync(root, { recursive: true, force: true }));
await need([join(import.meta.dirname, "make-root"), root], { timeout: 1800 });
const copy = `git -c safe.directory=* -C "$0" archive HEAD | tar -x -C "$1"`;
mkdirSync(join(root, checkout));
await need(["bash", "-euo", "pipefail", "-c", copy, project, join(root, checkout)]);
await need(["chroot", root, "chown", "-R", "newcomer:", checkout]);

/** Types a line into the checkout, as the newcomer or, behind sudo, as root. */
function type(line: string): Promise<CommandResult> {
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"];
  const isRoot = line.startsWith("sudo ");
  const words = ["bash", "-c", isRoot ? line.slice("sudo ".length) : line];
  const user = isRoot
    ? []
    : ["setpriv", "--reuid=newcomer", "--regid=newcomer", "--init-groups", "env", "HOME=/home/newcomer"];
  const there = ["env", `--chdir=${checkout}`, ...user, ...words];
  return runCommand([...namespaces, join(import.meta.dirname, "enter"), root, ...there], { timeout: 3600 });
}

const texts = ["README.md", "CONTRIBUTING.md"].map((name) => readFileSync(join(project, name), "utf8")).join("\n");

/** Each line finds the machine as the one before has left it. `documented`: what of it README or CONTRIBUTING says. */
const lines: readonly [line: string, status: number, says: RegExp, documented: string][] = [
  ["scripts/test --quick", 1, /sudo scripts\/provision/, "scripts/test --quick"],
  [
    "sudo scripts/demo --yes </dev/null",
    0,
    /bubblewrap +the sandbox of builds\n[^]*All steps went well\./,
    "sudo scripts/demo",
  ],
  ["sudo scripts/demo --yes </dev/null", 0, /All steps went well\./, "sudo scripts/demo"],
  ["cd pkgbuild && makepkg --nodeps", 0, /Finished making: dkms-alpm/, "cd pkgbuild && makepkg"],
  // What -si does on Arch; here apt has installed what the package depends on.
  [
    "sudo pacman -Udd --noconfirm pkgbuild/dkms-alpm-*.pkg.tar.*",
    0,
    /Optional dependencies for dkms-alpm/,
    "makepkg -si",
  ],
  ["sudo dkms status", 0, /^$/, "dkms status"],
  ["sudo dkms doctor", 1, /No kernel is installed[^]*pacman -S linux/, "dkms doctor"],
  ["sudo dkms report", 0, /no transaction has concerned DKMS modules yet/, "dkms report"],
  ["sudo dkms check", 3, /pacman\.conf names no repository/, "dkms check"],
  ["sudo dkms-hookgen zfs-dkms linux", 1, /zfs-dkms is not installed/, "dkms-hookgen zfs-dkms linux"],
  ["sudo pacman -Rdd --noconfirm dkms-alpm", 0, /removing dkms-alpm/, "makepkg -si"],
  ["sudo scripts/provision", 0, /qemu-system-x86/, "sudo scripts/provision"],
  ["sudo scripts/provision", 0, /^$/, "sudo scripts/provision"],
  ["scripts/recording", 1, /needs root: sudo scripts\/recording/, "sudo scripts/recording"],
  ["scripts/reliability", 1, /needs root: sudo scripts\/reliability/, "sudo scripts/reliability"],
  ["scripts/packages && scripts/check", 0, /all right/, "scripts/check"],
  ["scripts/test --quick", 0, /^ROOT +test\/act.*[^]*^\d+ passed, 0 failed$/m, "scripts/test --quick"],
  ["sudo scripts/test --quick", 0, /^\d+ passed, 0 failed$/m, "sudo scripts/test --quick"],
];

for (const [index, [line, status, says, documented]] of lines.entries()) {
  test(`${index + 1}. ${line}: exits with status ${status}`, async () => {
    assert.ok(texts.includes(documented), `README and CONTRIBUTING do not say: ${documented}`);
    const result = await type(line);
    assert.is(result.status, status, result.output);
    assert.match(result.output, says);
  });
}

test("the demo needs less than the tests", () => {
  const provision = readFileSync(join(project, "scripts/provision"), "utf8");
  const demo = provision
    .split("\n")
    .filter((line) => line.startsWith("demo "))
    .join("\n");
  assert.not.match(demo, /\b(fish|zsh|qemu|distcc|dracut|strace)/);
});

test.run();
