/** Suggestions for mistyped words. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dkmsProgram } from "../../src/cli/dkms/commands.ts";
import { nearest } from "../../src/tell/nearest.ts";

const commands = dkmsProgram.commands.map(({ name }) => name);

for (const [typed, meant] of [
  ["instal", "install"],
  ["insatll", "install"],
  ["stauts", "status"],
  ["Status", "status"],
  ["uninstal", "uninstall"],
  ["docter", "doctor"],
  ["auto", "autoinstall"],
  ["frobnicate", undefined],
  ["zfs/2.2.2", undefined],
  ["", undefined],
] as const) {
  test(`${typed}: ${meant ?? "nothing"}`, () => assert.is(nearest(typed, commands), meant));
}

test("every command is nearest to itself", () => {
  for (const name of commands) assert.is(nearest(name, commands), name);
});

test.run();
