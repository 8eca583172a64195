import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { vercmp } from "../../../src/alpm/vercmp.ts";
import { modulePackages } from "../../../src/decide/packaging/module-packages.ts";
import { modulePackageName, modulePackageVersion } from "../../../src/model/packaging/supply-package.ts";
import { kernel, moduleId } from "../world-builder.ts";
import type { Kernel } from "../../../src/model/machine/world.ts";

const kernelOf = (release: string, pkgbase: string | undefined): Kernel => ({
  ...kernel(release),
  pkgbase,
  modules: "present",
  headers: undefined,
});

/** `name version: releases` */
function planned(...kernels: readonly Kernel[]): readonly string[] {
  return modulePackages(moduleId("zfs/2.2.2"), kernels).map(
    ({ name, version, pairs }) => `${name} ${version}: ${pairs.map((pair) => pair.kernel.release).join(" ")}`,
  );
}

test("one package for each kernel package, called after its newest kernel", () => {
  assert.equal(
    planned(
      kernelOf("6.10.1-arch1-1", "linux"),
      kernelOf("6.9.9-arch1-1", "linux"),
      kernelOf("6.6.3-1-lts", "linux-lts"),
    ),
    [
      "zfs-dkms-modules-linux 2.2.2.k6.10.1.arch1.1: 6.9.9-arch1-1 6.10.1-arch1-1",
      "zfs-dkms-modules-linux-lts 2.2.2.k6.6.3.1.lts: 6.6.3-1-lts",
    ],
  );
});

test("kernels that no package owns have one each", () => {
  assert.equal(planned(kernelOf("6.1-own", undefined), kernelOf("6.2-own", undefined)), [
    "zfs-dkms-modules-6.1-own 2.2.2.k6.1.own: 6.1-own",
    "zfs-dkms-modules-6.2-own 2.2.2.k6.2.own: 6.2-own",
  ]);
});

test("names and versions are what pacman takes", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 });
  fc.assert(
    fc.property(name, name, (module, release) => {
      const id = { name: module, version: module } as never;
      assert.match(modulePackageName(id, release), /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*$/);
      assert.match(modulePackageVersion(id, release), /^[A-Za-z0-9._+~]+$/);
    }),
  );
});

// Each is older than the next one.
const rising: readonly (readonly [module: string, release: string])[] = [
  ["2.2.2-rc1", "6.9.9-arch1-1"],
  ["2.2.2", "6.6.1-arch1-1"],
  ["2.2.2", "6.6.2-arch1-1"],
  ["2.2.2", "6.6.10-arch1-1"],
  ["2.2.2.1", "6.6.1-arch1-1"],
  ["2.2.3", "6.1.1-arch1-1"],
];

test("versions rise with the module first, then with the kernel", () => {
  const versions = rising.map(([version, release]) => modulePackageVersion(moduleId(`zfs/${version}`), release));
  for (const [index, version] of versions.slice(1).entries()) {
    assert.ok(vercmp(version, versions[index] ?? "") > 0, `${version} is newer than ${versions[index]}`);
  }
});

test.run();
