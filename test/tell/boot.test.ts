/** What the report says of the next boot. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeBoot } from "../../src/decide/boot/judgement.ts";
import type { ImageState, KernelFacts, KernelFileState, RequiredModule } from "../../src/model/boot/facts.ts";
import type { PairResult, TransactionReport } from "../../src/model/health/transaction-report.ts";
import { reportedBoot } from "../../src/tell/boot.ts";
import { reportLines } from "../../src/tell/report/lines.ts";
import { moduleId } from "../decide/world-builder.ts";
import { absent, entry, installed, kernelFacts, listed, ofRelease } from "../decide/boot/facts-builder.ts";

const zfs: RequiredModule = { name: "zfs", because: "the root file system is of its type" };
const good = entry(ofRelease("6.2"), listed(["zfs"], ["6.2"]));

function told(
  kernels: readonly KernelFacts[],
  required: readonly RequiredModule[],
  pairs: readonly (readonly [module: string, kernel: string, result: PairResult])[],
): readonly string[] {
  const report: TransactionReport = {
    format: 1,
    transaction: "1:2",
    pairs: pairs.map(([module, kernel, result]) => ({ module, version: "1", kernel, arch: "x86_64", result })),
    problems: [],
    boot: reportedBoot(judgeBoot({ kernels, required }), required),
  };
  return reportLines(report).map(({ text }) => text);
}

test("one kernel: the facts in one line", () => {
  const kernel = kernelFacts("6.2", [installed("nvidia/590.1", "6.2"), installed("zfs/2.2.2", "6.2")], good);
  assert.equal(told([kernel], [zfs], [["zfs", "6.2", "installed"]]), [
    "==> DKMS: zfs 2.2.2 and nvidia 590.1 are installed for linux 6.2; /boot/initramfs-linux.img contains zfs.",
  ]);
});

test("several kernels: modules and kernels are counted, and each kernel has its line", () => {
  const lts = { ...kernelFacts("6.1", [installed("zfs/2.2.2", "6.1")]), pkgbase: "linux-lts" };
  const kernels = [kernelFacts("6.2", [installed("zfs/2.2.2", "6.2"), installed("wl/1", "6.2")], good), lts];
  const pairs = [
    ["zfs", "6.2", "installed"],
    ["zfs", "6.1", "installed"],
    ["wl", "6.2", "installed"],
    ["old", "6.0", "removed"],
  ] as const;
  assert.equal(told(kernels, [], pairs), [
    "==> DKMS: 2 modules installed for 2 kernels, 1 module removed from 1 kernel.",
    "==> DKMS: zfs 2.2.2 and wl 1 are installed for linux 6.2.",
    "==> DKMS: zfs 2.2.2 is installed for linux-lts 6.1; not checked: it is not known how this machine boots.",
  ]);
});

test("of a kernel without modules it is said which one was not checked", () => {
  const lts = { ...kernelFacts("6.1", []), pkgbase: "linux-lts" };
  assert.equal(told([lts], [], [["zfs", "6.1", "removed"]]), [
    "==> DKMS: 1 module removed from 1 kernel.",
    "==> DKMS: not checked for linux-lts 6.1: it is not known how this machine boots.",
  ]);
});

test("a required module that is missing in the image is an error that says why it is needed", () => {
  const kernel = kernelFacts("6.2", [installed("zfs/2.2.2", "6.2")], entry(ofRelease("6.2"), listed([], ["6.2"])));
  const lines = told([kernel], [zfs], [["zfs", "6.2", "installed"]]);
  assert.equal(lines.slice(0, 2), [
    "==> ERROR: DKMS: linux 6.2 is not ready to boot.",
    "  -> /boot/initramfs-linux.img does not contain zfs. This machine needs zfs to boot: the root file system is of its type.",
  ]);
  assert.ok(lines.includes("==> ERROR: DKMS: No installed kernel is ready to boot with zfs."), lines.join("\n"));
  assert.ok(lines.includes("==> zfs 2.2.2 is installed for linux 6.2."), lines.join("\n"));
});

test("a kernel of another release in /boot", () => {
  const [, line] = told([kernelFacts("6.2", [], entry(ofRelease("6.1"), listed([], ["6.1"])))], [], []);
  assert.is(line, "  -> /boot/vmlinuz-linux is kernel 6.1, and /usr/lib/modules has 6.2.");
});

const places: readonly (readonly [path: string, directory: string])[] = [
  ["/boot/vmlinuz-linux", "/boot"],
  ["/efi/EFI/Linux/arch-linux.efi", "/efi"],
  ["/boot/efi/0123/6.2/linux", "/boot/efi"],
  ["/esp/linux.efi", "/esp"],
];

for (const [path, directory] of places) {
  test(`what to do about ${path} names ${directory}`, () => {
    const start = (state: KernelFileState, image: ImageState, unmounted?: string): string =>
      told(
        [
          kernelFacts("6.2", [], {
            from: "a preset",
            kernel: { path, state },
            image: { path, state: image },
            unmounted,
          }),
        ],
        [],
        [],
      ).join("\n");
    const whole = listed([], ["6.2"]);
    const look = `Fix: Look whether ${directory} is mounted and has space, then: pacman -S linux`;
    assert.match(start(ofRelease("6.1"), whole), look);
    assert.match(start({ kind: "absent" }, whole), look);
    const fix = start(ofRelease("6.2"), { kind: "damaged", why: "it is empty" });
    assert.match(fix, `Fix: Look whether ${directory} has space, then write the image again.`);
    assert.match(start(ofRelease("6.2"), whole, "/mnt"), "Fix: Mount /mnt, then reinstall linux: pacman -S linux");
  });
}

test("a missing module that nothing needs to boot is not called a kernel that does not boot", () => {
  const missing = absent("wl", { kind: "missing", id: undefined, cause: { kind: "not-installed" } });
  const lines = told([kernelFacts("6.2", [missing], good)], [], [["wl", "6.2", "failed"]]);
  assert.ok(lines.includes("==> ERROR: DKMS: linux 6.2 lacks modules."), lines.join("\n"));
  assert.not.match(lines.join("\n"), "ready to boot");
});

test("the kernel's own module is named as such", () => {
  const kernel = kernelFacts("6.2", [absent("wl", { kind: "kernels-own", builtIn: false })], good);
  assert.equal(told([kernel], [], [["zfs", "6.2", "installed"]]), [
    "==> DKMS: linux 6.2 has its own wl, which will be loaded.",
  ]);
});

test("a module that something other than DKMS brings is named with its place", () => {
  const kernel = kernelFacts("6.2", [absent("zfs", { kind: "added", path: "extra/zfs.ko.zst" })], good);
  assert.equal(told([kernel], [zfs], [["wl", "6.2", "installed"]]), [
    "==> DKMS: linux 6.2 has zfs in extra/zfs.ko.zst; /boot/initramfs-linux.img contains zfs.",
  ]);
});

test("no kernel left", () => {
  assert.equal(told([], [], [["zfs", "6.2", "removed"]]).slice(0, 1), [
    "==> ERROR: DKMS: No kernel is installed: this machine has nothing to boot.",
  ]);
});

test("a required module that no hook installs comes with the command that does", () => {
  const id = moduleId("zfs/2.2.2");
  const missing = absent("zfs", { kind: "missing", id, cause: { kind: "by-hand" } });
  const lines = told([kernelFacts("6.2", [missing], good)], [zfs], []).join("\n");
  assert.match(lines, "-> zfs 2.2.2 is not installed. This machine needs zfs to boot");
  assert.match(lines, "Fix: dkms install zfs/2.2.2 -k 6.2");
});

test("a command that has just failed is not proposed", () => {
  const damaged = kernelFacts("6.2", [installed("zfs/1", "6.2", { bytes: "absent" })], good);
  assert.match(told([damaged], [zfs], []).join("\n"), "Fix: dkms install zfs/1 -k 6.2");
  assert.not.match(told([damaged], [zfs], [["zfs", "6.2", "failed"]]).join("\n"), "Fix: dkms install zfs/1 -k 6.2");
});

test.run();
