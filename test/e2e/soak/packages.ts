/** Packages of the long run: two kernels and two modules, each in two versions; kernels are made up, so that a build takes milliseconds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { need } from "../command.ts";
import { madeUpKernels } from "../differential/made-up-kernels.ts";
import { madeUpModules } from "../differential/made-up-modules.ts";
import { makePackage } from "../packages.ts";

/** A package that a transaction can install, and what it brings. */
export type Offer = { readonly name: string; readonly archive: string } & (
  | { readonly kind: "kernel" | "headers"; readonly pkgbase: string; readonly release: string }
  | { readonly kind: "module"; readonly module: string; readonly version: string }
);

const releases = {
  linux: ["6.1.10-arch1-1", "6.1.20-arch1-1"],
  "linux-lts": ["5.15.10-1-lts", "5.15.20-1-lts"],
} as const;

/** The one pair that cannot be built. */
export const failing = { module: "two", version: "2.0", release: "6.1.20-arch1-1" };

/** All of them. */
export async function offers(): Promise<readonly [Offer, ...Offer[]]> {
  const kernels = Object.entries(releases).flatMap(([pkgbase, all]) =>
    all.map((release) => kernelOffers(pkgbase, release)),
  );
  const modules = ["one", "two"].flatMap((module) => ["1.0", "2.0"].map((version) => moduleOffer(module, version)));
  const [first, ...rest] = [...(await Promise.all(kernels)).flat(), ...(await Promise.all(modules))];
  if (first === undefined) throw new Error("nothing is offered");
  return [first, ...rest];
}

async function kernelOffers(pkgbase: string, release: string): Promise<readonly Offer[]> {
  const { from } = await madeUpKernels([{ release }]);
  const version = `${release.replace(/-.*/, "")}-1`;
  const target = `usr/lib/modules/${release}`;
  const copy = async (root: string, ...names: readonly string[]): Promise<void> => {
    await need(["mkdir", "-p", join(root, target)]);
    await need(["cp", "-a", ...names.map((name) => join(from, release, name)), join(root, target)]);
  };
  const kernel = await makePackage({
    name: pkgbase,
    version,
    files: { [`${target}/pkgbase`]: `${pkgbase}\n`, [`${target}/vmlinuz`]: "kernel\n" },
    fill: { key: from, into: (root) => copy(root, "kernel", "modules.order", "modules.builtin") },
  });
  const headers = await makePackage({
    name: `${pkgbase}-headers`,
    version,
    fill: { key: from, into: (root) => copy(root, "build") },
  });
  return [
    { kind: "kernel", name: pkgbase, archive: kernel, pkgbase, release },
    { kind: "headers", name: `${pkgbase}-headers`, archive: headers, pkgbase, release },
  ];
}

async function moduleOffer(module: string, version: string): Promise<Offer> {
  const cannot = failing.module === module && failing.version === version;
  const files = cannot ? { [`FAIL-${failing.release}`]: "" } : {};
  const { from } = await madeUpModules([{ name: module, version, files }]);
  const folder = `${module}-${version}`;
  const archive = await makePackage({
    name: `${module}-dkms`,
    version: `${version}-1`,
    depends: ["dkms"],
    fill: {
      key: `${from} ${readFileSync(join(from, folder, "dkms.conf"), "utf8")}`,
      into: async (root) => {
        await need(["mkdir", "-p", join(root, "usr/src")]);
        await need(["cp", "-a", join(from, folder), join(root, "usr/src")]);
      },
    },
  });
  return { kind: "module", name: `${module}-dkms`, archive, module, version };
}
