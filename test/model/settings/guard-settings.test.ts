/** The settings of cache, sandbox and guard. */
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

const opened: readonly (readonly [text: string, value: readonly string[]])[] = [
  ["/srv/drivers /opt/x", ["/srv/drivers", "/opt/x"]],
  ["/etc/dkms /var/cache/ccache /root/src", ["/etc/dkms", "/var/cache/ccache", "/root/src"]],
  ["relative", []],
  ["/srv/../etc", []],
  ...["/", "//", "/.", "/etc", "/etc/", "/./etc", "/root", "/home", "/boot", "/run", "/var", "/var/lib", "/tmp"].map(
    (path) => [path, []] as const,
  ),
  ...["/proc", "/proc/sys", "/sys", "/sys/kernel", "/dev", "/dev/shm", "/dev/mem"].map((path) => [path, []] as const),
];
for (const key of ["Readable", "Writable"]) {
  for (const [text, expected] of opened) {
    test(`${key} = ${text}`, () => {
      const { readable, writable, warnings } = interpretOwnSettings({ Build: { [key]: text } }, "/file");
      assert.equal((key === "Readable" ? readable : writable).value, expected);
      assert.is(warnings.length, expected.length === 0 ? 1 : 0);
      if (expected.length === 0) assert.match(warnings[0] ?? "", `Build.${key} names "${text}" in /file`);
    });
  }
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
