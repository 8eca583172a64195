/** The settings of cache and guard. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpretOwnSettings } from "../../../src/model/settings/own-settings.ts";

const sizes: readonly (readonly [string, number | "warning"])[] = [
  ["no", 0],
  ["0", 0],
  ["500M", 500 * 1024 ** 2],
  ["2G", 2 * 1024 ** 3],
  ["1 GiB", 1024 ** 3],
  ["4096", 4096],
  ["much", "warning"],
  ["-1G", "warning"],
  ["1.5G", "warning"],
];
for (const [text, expected] of sizes) {
  test(`Cache = ${text}`, () => {
    const { cache, warnings } = interpretOwnSettings({ Build: { Cache: text } }, "/file");
    assert.is(cache.value, expected === "warning" ? 2 * 1024 ** 3 : expected);
    assert.is(warnings.length, expected === "warning" ? 1 : 0);
  });
}

test("the guard's settings", () => {
  const { guard, warnings } = interpretOwnSettings(
    { Guard: { Policy: "ALL", Require: "zfs, wl-dkms", Unknown: "refuse", TimeLimit: "60" } },
    "/file",
  );
  assert.equal(warnings, []);
  assert.equal(guard.policy, { value: "all", from: "/file" });
  assert.equal(guard.require.value, ["zfs", "wl-dkms"]);
  assert.is(guard.unknown.value, "refuse");
  assert.is(guard.timeLimit.value, 60);
});

test("the guard's defaults, also where the file is wrong", () => {
  for (const section of [{}, { Policy: "maybe", Unknown: "x", TimeLimit: "soon", Other: "1" }]) {
    const { guard, warnings } = interpretOwnSettings({ Guard: section }, "/file");
    assert.is(warnings.length, Object.keys(section).length);
    assert.equal(
      [guard.policy.value, guard.require.value, guard.unknown.value, guard.timeLimit.value],
      ["required", [], "warn", 1800],
    );
  }
});

test.run();
