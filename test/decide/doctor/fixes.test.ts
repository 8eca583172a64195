/** Which texts are commands that may be run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandsIn, fixesOf } from "../../../src/decide/doctor/fixes.ts";
import type { HealthFinding } from "../../../src/model/health/health.ts";

for (const [text, commands] of [
  ["dkms prune", ["dkms prune"]],
  ["dkms install zfs/2.2.2 -k 6.6.2-arch1-1", ["dkms install zfs/2.2.2 -k 6.6.2-arch1-1"]],
  ["Install them: pacman -S linux-headers", ["pacman -S linux-headers"]],
  [
    "dkms build --force zfs/2 -k 6.1 && dkms install --force zfs/2 -k 6.1",
    ["dkms build --force zfs/2 -k 6.1", "dkms install --force zfs/2 -k 6.1"],
  ],
  ["pacman -Syu", ["pacman -Syu"]],
  ["dkms report prints each, with what to do", []],
  ["dkms prune, or install the package again", []],
  ["dkms uninstall zfs/2 -k 6.1, or: pacman -R zfs-6.1", []],
  ["dkms generate_mok", []],
  ["dkms remove zfs/2 --all", []],
  ["pacman -R zfs-dkms", []],
  ["dkms install $(touch /x)", []],
  ["dkms install a;b", []],
  ["dkms prune && rm -rf /", []],
  ["sudo dkms doctor", []],
  ["Correct the file", []],
] as const) {
  test(text, () =>
    assert.equal(
      commandsIn(text).map((words) => words.join(" ")),
      commands,
    ),
  );
}

test("a command that fixes two findings is offered once", () => {
  const finding: HealthFinding = {
    code: "leftovers",
    severity: "note",
    subject: "x",
    what: "x",
    why: "x",
    fix: "dkms prune",
  };
  assert.is(fixesOf([finding, { ...finding, what: "y" }, { ...finding, fix: "Look" }]).length, 1);
});

test.run();
