import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { takeLock } from "../../../src/system/process/lock.ts";

/** A lock that another process holds until it is told to let go. */
async function withHeldLock(play: (file: string, letGo: () => void) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  const file = join(directory, "lock");
  const holder = spawn("flock", ["--no-fork", file, "sh", "-c", "echo held; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(holder.stdout, "data");
    play(file, () => holder.kill("SIGKILL"));
  } finally {
    holder.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
}

test("a lock that is held for too long is an error that names the holder, not a wait for ever", () =>
  withHeldLock((file, letGo) => {
    const holders: string[] = [];
    const began = performance.now();
    try {
      takeLock(file, (holder) => holders.push(holder), 1).release();
      assert.unreachable("the lock was taken twice");
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      assert.is(error.code, "locked");
      assert.is(error.message, `Another run has held the lock ${file} for 1 seconds.`);
      assert.match(error.facts.hint ?? "", /^It is process \d+ \(sleep 60\)\. Others: fuser -v /);
    }
    const waited = performance.now() - began;
    assert.ok(waited >= 900 && waited < 300_000, `${waited} ms`);
    assert.is(holders.length, 1);
    assert.match(holders[0] ?? "", /^process \d+ \(sleep 60\)$/);
    letGo();
    takeLock(file, () => {}, 1).release();
  }));

test("a lock that is let go during the wait is taken", () =>
  withHeldLock((file, letGo) => {
    let waits = 0;
    const waiting = (): void => {
      waits += 1;
      letGo();
    };
    takeLock(file, waiting, 20).release();
    assert.is(waits, 1);
  }));

test("only the owner can open a lock, and a link in its place is not followed", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  try {
    const file = join(directory, "lock");
    writeFileSync(file, "", { mode: 0o666 });
    chmodSync(file, 0o666);
    takeLock(file, () => {}).release();
    assert.is(statSync(file).mode & 0o777, 0o600);
    symlinkSync(file, join(directory, "link"));
    assert.throws(() => takeLock(join(directory, "link"), () => {}), /Cannot lock/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a script of a module that cannot even open the lock is told that it may not call dkms", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  const file = join(directory, "absent/lock");
  process.env["DKMS_ALPM_WITHIN"] = "1";
  try {
    takeLock(file, () => {}).release();
    assert.unreachable("there is no such directory");
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    assert.is(error.code, "locked");
    assert.is(error.message, `A module's script calls dkms in a sandbox without the lock ${file}.`);
    assert.match(error.facts.hint ?? "", /^dkms cannot be called from a module's own script/);
  } finally {
    delete process.env["DKMS_ALPM_WITHIN"];
    rmSync(directory, { recursive: true });
  }
});

test("a wait ends when the transaction has ended", () =>
  withHeldLock((file) => {
    const began = performance.now();
    // No process has this id: the highest one that Linux gives is lower.
    process.env["DKMS_ALPM_TRANSACTION"] = "4194305:1";
    try {
      takeLock(file, () => {}, 60).release();
      assert.unreachable("the lock was taken twice");
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      assert.is(error.code, "interrupted");
      assert.ok(performance.now() - began < 30_000);
    } finally {
      delete process.env["DKMS_ALPM_TRANSACTION"];
    }
  }));

test.run();
