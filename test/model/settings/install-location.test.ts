import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../../src/model/errors.ts";
import { installLocation, possibleLocations, usualLocation } from "../../../src/model/settings/install-location.ts";

const rows: readonly (readonly [distribution: string, addon: string | undefined, location: string])[] = [
  ["arch", undefined, "updates/dkms"],
  ["archlinux", undefined, "updates/dkms"],
  ["debian", undefined, "updates/dkms"],
  ["artix", undefined, "kernel/drivers/net"],
  ["alpine", undefined, "kernel/drivers/net"],
  ["", undefined, "kernel/drivers/net"],
  ["arch", "addon", "addon"],
  ["artix", "/addon//own/", "addon/own"],
  ["arch", "", "updates/dkms"],
];
for (const [distribution, addonDirectory, expected] of rows) {
  test(`"${distribution}"${addonDirectory === undefined ? "" : ` with "${addonDirectory}"`}: ${expected}`, () => {
    const object = { destName: "zfs", destLocation: "/kernel/drivers//net/" };
    assert.is(installLocation({ distribution, addonDirectory }, object), expected);
  });
}

for (const hostile of ["", "/", "/kernel/../../../etc", "..", "/updates/.."]) {
  test(`a location of ${JSON.stringify(hostile)} is refused`, () => {
    const scheme = { distribution: "artix", addonDirectory: undefined };
    assert.throws(
      () => installLocation(scheme, { destName: "zfs", destLocation: hostile }),
      (error: unknown) => error instanceof DkmsError && error.code === "conf-invalid",
    );
  });
}

test("a location with .. that stays below the kernel's directory is taken as the place that it leads to", () => {
  const artix = { distribution: "artix", addonDirectory: undefined };
  const object = { destName: "mst", destLocation: "/kernel/../misc/" };
  assert.is(installLocation(artix, object), "misc");
  assert.equal(possibleLocations({ ...artix, distribution: "arch" }, object), ["updates/dkms", "misc"]);
});

test("an installed object is looked for where it is put, then where its conf says", () => {
  const arch = { distribution: "arch", addonDirectory: undefined };
  const artix = { distribution: "artix", addonDirectory: undefined };
  const object = { destName: "zfs", destLocation: "/kernel/fs" };
  assert.equal(possibleLocations(arch, object), ["updates/dkms", "kernel/fs"]);
  assert.equal(possibleLocations(artix, object), ["kernel/fs"]);
  assert.equal(possibleLocations(arch, { destName: "zfs" }), ["updates/dkms"]);
  assert.equal(possibleLocations(artix, { destName: "zfs" }), []);
  assert.is(usualLocation(artix), undefined);
});

test.run();
