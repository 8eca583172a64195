/** Rows of docs/compatibility.md: the latest of each pair counts, what differs is named, and so is what was not tried. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compatibilityPage, readCompatibilityRow, type CompatibilityRow } from "./compatibility-row.ts";

const row: CompatibilityRow = {
  package: "evdi-dkms",
  version: "1.15.1-1",
  kernel: "7.2.13",
  ours: "not built",
  reference: "installed",
  objects: { ours: 0, reference: 1, same: false },
  dkms: "3.2.2-1",
  date: "2026-11-29",
};
const fixed: CompatibilityRow = { ...row, ours: "installed", objects: { ours: 1, reference: 1, same: true } };

test("a row comes back from its line, and nothing else does", () => {
  assert.equal(readCompatibilityRow(JSON.stringify(row)), row);
  for (const wrong of [null, {}, { ...row, ours: "fine" }, { ...row, objects: { ours: 1 } }, { ...row, date: 1 }])
    assert.throws(() => readCompatibilityRow(JSON.stringify(wrong)), /no row/);
});

test("a difference is named", () => {
  const page = compatibilityPage([row], ["evdi-dkms", "zfs-dkms"]);
  assert.match(page, "| evdi-dkms | 1.15.1-1 | 7.2.13 | not built | installed | 0 and 1, not the same | 2026-11-29 |");
  assert.match(page, "1 rows; the two programs differ in 1:\n\n- evdi-dkms for 7.2.13\n");
  assert.match(page, "not finished:\n\n- zfs-dkms");
});

test("the latest row of a package and kernel counts, and newer kernels come first", () => {
  const page = compatibilityPage([row, { ...fixed, kernel: "6.12.117" }, fixed], ["evdi-dkms"]);
  assert.match(page, /7\.2\.13 \| installed \| installed \| 1 \|[^]*6\.12\.117/);
  assert.match(page, "2 rows; the two programs agree in all of them.");
  assert.match(page, "All packages of the suite were tried.");
});

test.run();
