import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { distributionOf, readDistribution } from "../../../src/observe/settings/distribution.ts";

const rows: readonly (readonly [text: string, distribution: string])[] = [
  ['NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n', "arch"],
  ["ID=cachyos\nID_LIKE=arch\n", "arch"],
  ["ID=ubuntu\nID_LIKE=debian\n", "ubuntu"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', "ubuntu debian"],
  ['ID="almalinux"\nID_LIKE="rhel centos fedora"\n', "rhel centos fedora"],
  ["ID='opensuse-leap'\nID_LIKE='suse opensuse'\n", "suse opensuse"],
  ["ID=gentoo\nID_LIKE=\n", "gentoo"],
  ["# ID=debian\n  ID=arch\r\n", "arch"],
  ["ID=debian\nID=arch\n", "arch"],
  ["VERSION_ID=12\n", ""],
];
for (const [text, expected] of rows) {
  test(`${JSON.stringify(text)} is ${expected}`, () => assert.is(distributionOf(text), expected));
}

test("the first file that exists counts; without one the system is refused", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-os-"));
  try {
    const [first, second] = [join(directory, "first"), join(directory, "second")];
    writeFileSync(second, "ID=arch\n");
    assert.is(readDistribution([first, second]), "arch");
    writeFileSync(first, "ID=debian\n");
    assert.is(readDistribution([first, second]), "debian");
    assert.throws(
      () => readDistribution([join(directory, "none")]),
      (error: unknown) =>
        error instanceof DkmsError && error.code === "no-os-release" && error.message.includes("none"),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
