/** Which run notes belong to. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runId } from "../../../src/observe/pacman/run-id.ts";

const directory = mkdtempSync(join(tmpdir(), "dkms-alpm-run-id-"));
const lock = join(directory, "db.lck");
const variable = "DKMS_ALPM_TRANSACTION";
test.after.each(() => {
  delete process.env[variable];
  rmSync(lock, { force: true });
});
test.after(() => rmSync(directory, { recursive: true }));

function makeLock(seconds: number): void {
  writeFileSync(lock, "");
  utimesSync(lock, seconds, seconds);
}

test("all hooks of a transaction have one id, and the next transaction of the same program has another", () => {
  process.env[variable] = "12:34";
  makeLock(1000);
  const first = runId(lock);
  assert.is(runId(lock), first);
  rmSync(lock);
  makeLock(1001);
  assert.is.not(runId(lock), first);
  assert.match(first, /^12:34:/);
});

test("without pacman's lock the program is all that is known", () => {
  process.env[variable] = "12:34";
  assert.is(runId(lock), "12:34");
});

test("what is started by hand belongs to no transaction", () => {
  makeLock(1000);
  assert.is(runId(lock), `manual:${process.pid}`);
});

test.run();
