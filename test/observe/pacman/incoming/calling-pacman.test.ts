/** Finding pacman among our ancestors, in a made-up /proc. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findCallingPacman } from "../../../../src/observe/pacman/incoming/calling-pacman.ts";

interface Process {
  readonly parent: number;
  readonly words: readonly string[];
  readonly exe: string;
}

/** A /proc in which `self` is a child of the process 30; its open directories are named by their descriptors. */
function madeUp(processes: Readonly<Record<number, Process>>, use: (proc: string) => void): void {
  const proc = mkdtempSync(join(tmpdir(), "dkms-alpm-proc-"));
  try {
    mkdirSync(join(proc, "self"));
    writeFileSync(join(proc, "self/status"), "Name:\tnode\nPPid:\t30\n");
    for (const [pid, { parent, words, exe }] of Object.entries(processes)) {
      mkdirSync(join(proc, pid, "fd"), { recursive: true });
      writeFileSync(join(proc, pid, "status"), `Name:\tx\nPPid:\t${parent}\n`);
      writeFileSync(join(proc, pid, "cmdline"), words.map((word) => `${word}\0`).join(""));
      symlinkSync(exe, join(proc, pid, "exe"));
      symlinkSync(proc, join(proc, pid, "fd/7"));
      symlinkSync("/dev/null", join(proc, pid, "fd/8"));
    }
    use(proc);
  } finally {
    rmSync(proc, { recursive: true });
  }
}

const shell = { parent: 20, words: ["/bin/sh", "-c", "dkms-guard"], exe: "/usr/bin/dash" };

test("behind a shell, with the directories that it holds open", () => {
  madeUp({ 30: shell, 20: { parent: 1, words: ["pacman", "-U", "./a b"], exe: "/usr/bin/pacman" } }, (proc) => {
    const found = findCallingPacman(proc);
    assert.equal(found?.words, ["pacman", "-U", "./a b"]);
    assert.equal(found?.command.targets, ["./a b"]);
    assert.equal(found?.directories, [join(proc, "20/fd/7")]);
  });
});

test("a pacman that is being replaced", () => {
  madeUp({ 30: shell, 20: { parent: 1, words: ["pacman", "-Su"], exe: "/usr/bin/pacman (deleted)" } }, (proc) => {
    assert.is(findCallingPacman(proc)?.command.operation, "sync");
  });
});

test("none", () => {
  madeUp({ 30: shell, 20: { parent: 1, words: ["pamac-daemon"], exe: "/usr/bin/pamac-daemon" } }, (proc) => {
    assert.is(findCallingPacman(proc), undefined);
  });
  assert.is(findCallingPacman("/nonexistent"), undefined);
});

test.run();
