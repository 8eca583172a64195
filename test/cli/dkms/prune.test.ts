import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { journalFile, keptDirectory, pairLog, resultDirectory, stampFile } from "../../../src/model/machine/layout.ts";
import { activate, put, snapshot } from "../../act/install/scratch.ts";
import { built, object, onMachine, type Machine } from "../machine.ts";

/** A machine with one module in its place and something left of everything else. */
function leaveBehind(machine: Machine): void {
  const { layout, modules } = machine;
  machine.source("good/1");
  const good = built(machine, "good/1");
  activate(machine, good);
  put(join(modules, "updates/dkms/good.ko"), object);
  put(stampFile(layout, good), "{}");
  put(join(modules, "modules.order"), "");
  // Its source was removed, and it is installed.
  const gone = built(machine, "gone/1");
  activate(machine, gone);
  put(join(modules, "updates/dkms/gone.ko"), object);
  rmSync(join(layout.sourceTree, "gone-1"), { recursive: true });
  // A removed kernel, with an index, the result of a module that is there, and an object.
  put(join(layout.installTree, "5.9/modules.dep"), "");
  put(join(layout.installTree, "5.9/updates/dkms/old.ko"), object);
  mkdirSync(join(layout.dkmsTree, "good/1/5.9"));
  cpSync(resultDirectory(layout, good), join(layout.dkmsTree, "good/1/5.9/x86_64"), { recursive: true });
  // What nothing accounts for.
  put(join(modules, "updates/dkms/junk.ko"), "no module");
  put(join(modules, "updates/dkms/hand.ko"), object);
  put(join(modules, "extra/hand.ko"), object);
  const past = { module: gone.module, kernel: { ...gone.kernel, release: "5.8" as typeof gone.kernel.release } };
  put(stampFile(layout, past), "{}");
  put(pairLog(layout, past), "DKMS (dkms-alpm-1) make.log for gone/1 for kernel 5.8 (x86_64)\n");
  put(join(keptDirectory(layout, { ...gone.module, version: "0" as typeof gone.module.version }), "dkms.conf"), "");
  mkdirSync(join(layout.state, "build/gone.x"), { recursive: true });
  mkdirSync(join(layout.dkmsTree, "void/1/build"), { recursive: true });
}

const nothingLeft = [
  "/lib/modules/5.9",
  "/lib/modules/6.1.0-test/updates/dkms/gone.ko",
  "/lib/modules/6.1.0-test/updates/dkms/junk.ko",
  "/dkms/gone",
  "/dkms/good/1/5.9",
  "/dkms/void",
  "/dkms/.dkms-alpm/build",
  "/dkms/.dkms-alpm/kept/gone",
  "/dkms/.dkms-alpm/stamps/gone",
  "/dkms/.dkms-alpm/log/gone-1-5.8-x86_64.log",
];
const kept = [
  "/lib/modules/6.1.0-test/updates/dkms/good.ko",
  "/lib/modules/6.1.0-test/updates/dkms/hand.ko",
  "/lib/modules/6.1.0-test/extra/hand.ko",
  "/dkms/good/kernel-6.1.0-test-x86_64",
  "/dkms/good/1/6.1.0-test/x86_64/module/good.ko",
  "/dkms/.dkms-alpm/stamps/good",
];

test(
  "everything that is left of what was removed goes, and nothing else",
  onMachine((machine) => {
    leaveBehind(machine);
    const { status, err } = machine.dkms("prune");
    assert.equal([status, err], [0, []]);
    const exists = (path: string): boolean => existsSync(join(machine.root, path));
    assert.equal(nothingLeft.filter(exists), []);
    assert.equal(
      kept.filter((path) => !exists(path)),
      [],
    );
    assert.equal(machine.dkms("status").out, ["good/1, 6.1.0-test, x86_64: installed"]);
    assert.is(exists("/lib/modules/6.1.0-test/modules.dep"), true);
  }),
);

test(
  "a dry run tells all of it with its reasons, and changes nothing",
  onMachine((machine) => {
    leaveBehind(machine);
    const before = snapshot(machine.root);
    const { status, out, err } = machine.dkms("prune", "--dry-run");
    assert.equal([status, err], [0, []]);
    assert.equal(snapshot(machine.root), before);
    for (const line of [
      "Delete /lib/modules/6.1.0-test/updates/dkms/junk.ko: no module accounts for it, and it is none that the kernel loads",
      "Delete /lib/modules/5.9/updates/dkms/old.ko: kernel 5.9 was removed",
      "Delete the build of good/1 for 5.9 (x86_64): kernel 5.9 was removed",
      "Uninstall gone/1 for 6.1.0-test (x86_64): its source was removed",
      "Forget gone/1: its source was removed and no result of it is left",
      "Clean up after kernel 5.9: the kernel was removed",
      "==> Left alone: /lib/modules/6.1.0-test/updates/dkms/hand.ko: neither a package nor a module accounts for it, but the kernel can load it.",
    ]) {
      assert.is(out.includes(line), true, `${line}\n not in\n${out.join("\n")}`);
    }
  }),
);

test(
  "pruning again finds nothing but what it leaves alone; --force takes that too",
  onMachine((machine) => {
    leaveBehind(machine);
    machine.dkms("prune");
    const again = machine.dkms("prune");
    assert.equal(
      again.out.filter((line) => !/^(==> Left alone| {2}->)/.test(line)),
      ["Nothing to do."],
    );
    const forced = machine.dkms("prune", "--force");
    assert.equal(forced.out, ["==> Deleted /lib/modules/6.1.0-test/updates/dkms/hand.ko"]);
    assert.equal(machine.dkms("prune", "--force").out, ["Nothing to do."]);
    assert.is(existsSync(join(machine.modules, "extra/hand.ko")), true);
  }),
);

test(
  "pruning makes the index anew that an interrupted run has left behind",
  onMachine((machine) => {
    const { modules } = machine;
    put(join(modules, "modules.order"), "");
    mkdirSync(join(modules, "kernel"), { recursive: true });
    put(join(modules, "modules.dep"), "updates/dkms/gone.ko:\n");
    mkdirSync(join(modules, ".dkms-index"));
    assert.equal(machine.dkms("prune", "--dry-run").out, [
      "Run depmod for 6.1.0-test (x86_64): an earlier run did not come to its end",
    ]);
    assert.is(machine.dkms("prune").status, 0);
    assert.is(readFileSync(join(modules, "modules.dep"), "utf8").includes("gone"), false);
    assert.is(existsSync(join(modules, ".dkms-index")), false);
    assert.equal(machine.dkms("prune").out, ["Nothing to do."]);
  }),
);

test(
  "pruning makes the index anew of a kernel from which an interrupted run has removed a module",
  onMachine((machine) => {
    const { layout, modules } = machine;
    put(join(modules, "modules.order"), "");
    mkdirSync(join(modules, "kernel"), { recursive: true });
    put(journalFile(layout), "gone/1/6.1.0-test/x86_64 remove\nother/1/6.1.0-test/x86_64 install\n");
    put(join(modules, "modules.dep"), "");
    assert.is(machine.dkms("prune").status, 0);
    assert.match(readFileSync(join(modules, "modules.dep"), "utf8"), "kernel/fs/ext4.ko");
    assert.is(readFileSync(journalFile(layout), "utf8"), "other/1/6.1.0-test/x86_64 install\n");
    assert.equal(machine.dkms("prune").out, ["Nothing to do."]);
  }),
);

test.run();
