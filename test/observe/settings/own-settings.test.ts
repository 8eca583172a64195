/** /etc/dkms-alpm.conf as it is read. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readOwnSettings } from "../../../src/observe/settings/own-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-own-settings-"));
const file = join(folder, "dkms-alpm.conf");
test.after(() => rmSync(folder, { recursive: true, force: true }));
test.before.each(() => rmSync(file, { force: true }));

test("lines of a list add up, as in pacman.conf", async () => {
  writeFileSync(file, "[Guard]\nRequire = zfs\nRequire = nvidia, wl\n[Build]\nReadable = /a /b\nReadable = /c\n");
  const { guard, readable, warnings } = await readOwnSettings(file);
  assert.equal(guard.require.value, ["zfs", "nvidia", "wl"]);
  assert.equal(readable.value, ["/a", "/b", "/c"]);
  assert.equal(warnings, []);
});

test("of another setting that stands there twice the last line counts, with a warning", async () => {
  writeFileSync(file, "[Guard]\nPolicy = all\nPolicy = warn\n");
  const { guard, warnings } = await readOwnSettings(file);
  assert.is(guard.policy.value, "warn");
  assert.match(warnings.join(), /^Guard\.Policy stands in .* 2 times: the last line counts\.$/);
});

test("sections may have keys of the same name", async () => {
  writeFileSync(file, "[Build]\nTimeLimit = 10\n[Guard]\nTimeLimit = 20\n");
  const { timeLimit, guard, warnings } = await readOwnSettings(file);
  assert.equal([timeLimit.value, guard.timeLimit.value], [10, 20]);
  assert.equal(warnings, []);
});

test("a file that cannot be read is a warning, and the defaults hold", async () => {
  symlinkSync("dkms-alpm.conf", file);
  const { guard, warnings } = await readOwnSettings(file);
  assert.is(guard.policy.value, "required");
  assert.match(warnings.join(), /^Cannot read .*dkms-alpm\.conf: .* its settings do not count\.$/);
});

test.run();
