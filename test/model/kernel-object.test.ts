import { test } from "uvu";
import * as assert from "uvu/assert";
import { objectFileNames, parseObjectFileName } from "../../src/model/kernel-object.ts";

const rows: readonly (readonly [string, string | undefined])[] = [
  ["zfs.ko", "zfs "],
  ["zfs.ko.zst", "zfs .zst"],
  ["zfs.ko.xz", "zfs .xz"],
  ["zfs.ko.gz", "zfs .gz"],
  ["a.ko.b.ko", "a.ko.b "],
  ["zfs.ko.bz2", undefined],
  ["zfs.ko.zst.dkms-new", undefined],
  [".ko", undefined],
  ["zfs.o", undefined],
  ["Module.symvers", undefined],
];
for (const [fileName, expected] of rows) {
  test(`${fileName}: ${expected ?? "no kernel object"}`, () => {
    const parsed = parseObjectFileName(fileName);
    assert.is(parsed === undefined ? undefined : `${parsed.name} ${parsed.suffix}`, expected);
  });
}

test("every file name of an object is taken apart into its name", () => {
  for (const fileName of objectFileNames("v4l2loopback")) {
    assert.is(parseObjectFileName(fileName)?.name, "v4l2loopback");
  }
});

test.run();
