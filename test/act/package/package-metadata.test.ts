/** What a package says of itself: one line for each field, whatever the values are; and PACKAGER without running shell code. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildInfo, lastingInfo, packageInfo, packagerIn } from "../../../src/act/package/package-metadata.ts";

const facts = {
  name: "tiny-dkms-modules-linux",
  version: "1.0.k6.6.1",
  pkgrel: 2,
  arch: "x86_64",
  description: "tiny/1.0 for 6.6.1, built by dkms-alpm",
  packager: "A <a@example.org>",
  built: 1_700_000_000,
  size: 4096,
};

test("every field that pacman shows, and no dependency", () => {
  assert.is(
    packageInfo(facts),
    `pkgname = tiny-dkms-modules-linux
pkgbase = tiny-dkms-modules-linux
xdata = pkgtype=pkg
pkgver = 1.0.k6.6.1-2
pkgdesc = tiny/1.0 for 6.6.1, built by dkms-alpm
builddate = 1700000000
packager = A <a@example.org>
size = 4096
arch = x86_64
license = custom
`,
  );
  assert.match(buildInfo(facts), /^format = 2\npkgname = tiny-dkms-modules-linux\n/);
});

test("a line break in a value makes no further field", () => {
  const text = packageInfo({ ...facts, description: "x\nreplaces = linux", packager: "y\r\nconflict = glibc" });
  assert.match(text, "\npkgdesc = x replaces = linux\n");
  assert.not.match(text, /^(replaces|conflict) =/m);
});

test("two packages differ by more than their date, their packager and their pkgrel, or not at all", () => {
  const same = packageInfo({ ...facts, built: 1, packager: "B", pkgrel: 9 });
  assert.is(lastingInfo(same), lastingInfo(packageInfo(facts)));
  for (const line of ["depend = x", "replaces = linux", "conflict = glibc", "backup = etc/passwd", "install = x"])
    assert.is.not(lastingInfo(`${same}${line}\n`), lastingInfo(packageInfo(facts)));
  for (const change of [{ name: "x" }, { arch: "any" }, { description: "x" }, { size: 1 }])
    assert.is.not(lastingInfo(packageInfo({ ...facts, ...change })), lastingInfo(packageInfo(facts)));
});

for (const [text, packager] of [
  ['PACKAGER="A <a@b>"\n', "A <a@b>"],
  ["PACKAGER='A'\n", "A"],
  ["  PACKAGER=A # me\n", "A"],
  ['#PACKAGER="A"\n', "Unknown Packager"],
  ['PACKAGER="$(touch /x)"\n', "Unknown Packager"],
  ["PACKAGER=`id`\n", "Unknown Packager"],
  ["", "Unknown Packager"],
] as const)
  test(`${JSON.stringify(text)} names ${packager}`, () => assert.is(packagerIn([text]), packager));

test("the last file counts", () => assert.is(packagerIn(["PACKAGER=A\n", "", 'PACKAGER="B C"\n']), "B C"));

test.run();
