import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseDependency, printDependency, satisfies, type Satisfier } from "../../src/alpm/dependency.ts";

const ours: Satisfier = {
  name: "dkms-alpm",
  version: "0.1.0-1",
  provides: [parseDependency("dkms=3.4.3"), parseDependency("module-builder")],
};

const rows: readonly (readonly [wanted: string, fits: boolean])[] = [
  ["dkms-alpm", true],
  ["dkms-alpm>=0.1", true],
  ["dkms-alpm>0.1.0", false],
  ["dkms-alpm=0.1.0", true],
  ["dkms-alpm=0.1.0-2", false],
  ["dkms-alpm<1:0", true],
  ["dkms", true],
  ["dkms>=3", true],
  ["dkms<=3.4.3-5", true],
  ["dkms=3", false],
  ["dkms>3.4.3", false],
  ["module-builder", true],
  ["module-builder>=0", false],
  ["zfs-dkms", false],
];

for (const [wanted, fits] of rows) {
  test(`${wanted} is ${fits ? "" : "not "}satisfied`, () => assert.is(satisfies(ours, parseDependency(wanted)), fits));
}

test("a dependency is printed as it was read", () => {
  for (const [wanted] of rows) assert.is(printDependency(parseDependency(wanted)), wanted);
  assert.equal(parseDependency("linux-headers: for linux"), { name: "linux-headers" });
  assert.equal(parseDependency("x>=1:2-3: why"), { name: "x", relation: ">=", version: "1:2-3" });
});

test.run();
