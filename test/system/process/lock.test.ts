import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { takeLock } from "../../../src/system/process/lock.ts";

/** A directory whose lock another process holds until it is told to let go. */
async function withHeldLock(play: (directory: string, letGo: () => void) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "dkms-lock-"));
  const holder = spawn("flock", ["--no-fork", directory, "sh", "-c", "echo held; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(holder.stdout, "data");
    play(directory, () => holder.kill("SIGKILL"));
  } finally {
    holder.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
}

test("a lock that is held for too long is an error with a hint, not a wait for ever", () =>
  withHeldLock((directory, letGo) => {
    let waits = 0;
    const began = performance.now();
    try {
      takeLock(directory, () => (waits += 1), 1).release();
      assert.unreachable("the lock was taken twice");
    } catch (error) {
      if (!(error instanceof DkmsError)) throw error;
      assert.is(error.code, "locked");
      assert.is(error.message, `Another run has held the lock on ${directory} for 1 seconds.`);
      assert.equal(error.facts, { path: directory, hint: `See who holds it: fuser -v ${directory}` });
    }
    const waited = performance.now() - began;
    assert.ok(waited >= 900 && waited < 10_000, `${waited} ms`);
    assert.is(waits, 1);
    letGo();
    takeLock(directory, () => {}, 1).release();
  }));

test("a lock that is let go during the wait is taken", () =>
  withHeldLock((directory, letGo) => {
    let waits = 0;
    const waiting = (): void => {
      waits += 1;
      letGo();
    };
    takeLock(directory, waiting, 20).release();
    assert.is(waits, 1);
  }));

test.run();
