/** DKMS' order of versions, with the reference's own examples. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareDkmsVersions, versionForm } from "../../../src/model/conf/dkms-version.ts";

for (const [version, form] of [
  ["6.1.0-50-amd64", "006.001.000-050-amd064"],
  ["6.12.1-arch1-1", "006.012.001-arch001-001"],
  ["1234.5", "1234.005"],
  ["abc", "abc"],
  ["", ""],
] as const)
  test(`form of "${version}"`, () => assert.is(versionForm(version), form));

const ascending: readonly (readonly [string, string])[] = [
  ["6.1", "6.1.0"],
  ["4.12", "4.12-rc1"],
  ["6.9", "6.10"],
  ["6.1.0-9-amd64", "6.1.0-10-amd64"],
  ["2.2.2", "2.3"],
  ["1", "a"],
  ["A", "a"],
];
for (const [older, newer] of ascending) {
  test(`${older} is older than ${newer}`, () => {
    assert.ok(compareDkmsVersions(older, newer) < 0);
    assert.ok(compareDkmsVersions(newer, older) > 0);
  });
}

test("leading zeros do not count", () => assert.is(compareDkmsVersions("1.02", "1.2"), 0));

test("it is a total order", () => {
  const version = fc.stringMatching(/^[0-9a-c.-]{0,6}$/);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.is(Math.sign(compareDkmsVersions(a, b)), -Math.sign(compareDkmsVersions(b, a)) || 0);
      if (compareDkmsVersions(a, b) <= 0 && compareDkmsVersions(b, c) <= 0) assert.ok(compareDkmsVersions(a, c) <= 0);
    }),
  );
});

test.run();
