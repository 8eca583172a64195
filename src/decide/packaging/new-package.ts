/** Decides what a new package of module sources is called, and writes its files. */
import { DkmsError } from "../../model/errors.ts";
import { isPackageName } from "../../model/package-name.ts";
import { moduleName, moduleVersion } from "../../model/names.ts";
import type { PackagedSource } from "../../model/packaging/packaged-source.ts";
import type { DirectiveName } from "../../model/conf/raw-conf.ts";
import { builtObjects } from "./built-objects.ts";
import { confText, recipeText } from "./new-package-text.ts";

/** What the user has said. */
export interface NewPackageWishes {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** A package that can be written. */
export interface NewPackage {
  /** `v4l2loopback-dkms` */
  readonly packageName: string;
  /** The name of the tarball that the PKGBUILD takes, and the directory in it. */
  readonly tarball: string;
  readonly directory: string;
  /** The dkms.conf beside the PKGBUILD, when the sources have none. */
  readonly conf: string | undefined;
  /** The PKGBUILD, when the SHA-256 of the tarball is known. */
  recipe(sum: string): string;
}

/** Decides on a package; throws `bad-name` for names that cannot be a package's, `conf-invalid` for a conf with which no package could work. */
export function newPackage(source: PackagedSource, wishes: NewPackageWishes): NewPackage {
  const { conf, raw } = source;
  if (typeof raw === "string") throw new DkmsError("conf-invalid", `${conf?.path} cannot be read: ${raw}`);
  const said = (name: DirectiveName): string | undefined => {
    const value = raw?.directives.get(name)?.values.get(0);
    return value === undefined || value === "" || placeholder.test(value) ? undefined : value;
  };
  const [problem] = raw?.problems ?? [];
  if (problem !== undefined) throw new DkmsError("conf-invalid", problem.message);
  const guessed = /^(.+?)-v?(\d[\w.+~-]*)$/.exec(source.directoryName);
  const name = moduleName(said("PACKAGE_NAME") ?? wishes.name ?? guessed?.[1] ?? source.directoryName);
  const saidVersion = said("PACKAGE_VERSION");
  const version = wishes.version ?? saidVersion ?? guessed?.[2];
  if (version === undefined) {
    throw new DkmsError("module-not-given", `Cannot find the version of ${source.path}.`, {
      hint: "Use --version VERSION",
    });
  }
  const substituted = {
    name: conf === undefined || (said("PACKAGE_NAME") === undefined && isPlain(conf.text, "PACKAGE_NAME")),
    version: conf === undefined || isPlain(conf.text, "PACKAGE_VERSION"),
  };
  if (!substituted.name && said("PACKAGE_NAME") === undefined) {
    throw new DkmsError("conf-invalid", `PACKAGE_NAME is missing in ${conf?.path}, or computed and empty.`, {
      hint: 'Write a line: PACKAGE_NAME="NAME"',
    });
  }
  if (!substituted.version && saidVersion !== version) {
    throw new DkmsError("conf-invalid", `PACKAGE_VERSION is computed in ${conf?.path}: --version cannot change it.`);
  }
  if (!/^[\w@+][\w@.+~-]*$/.test(name)) {
    throw new DkmsError("bad-name", `The module's name ${JSON.stringify(name)} cannot stand in a PKGBUILD.`, {
      hint: "Letters, digits, dots, dashes, underscores and plus signs can, in PACKAGE_NAME of dkms.conf.",
    });
  }
  const packageName = packageNameOf(wishes.name ?? name);
  const recipe = {
    name,
    packageName,
    version: checkedVersion(version),
    license: spdx(source.license),
    ...names(source, name, version),
    conf: conf === undefined ? ("generated" as const) : ("own" as const),
    substituted,
  };
  return {
    packageName,
    tarball: recipe.tarball,
    directory: recipe.directory,
    conf: conf === undefined ? confText(objectsOf(source)) : undefined,
    recipe: (sum) => recipeText({ ...recipe, sum }),
  };
}

/** A word that a packager is meant to replace: `@PKGVER@`, `#MODULE_VERSION#`. */
const placeholder = /^([@#%].*[@#%]|__.*)$/;

/** One assignment of a plain word on a line of its own, which sed can replace. */
function isPlain(conf: string, directive: DirectiveName): boolean {
  const lines = conf.split("\n").filter((line) => new RegExp(`\\b${directive}=`).test(line.replace(/#(?!\S*#).*/, "")));
  return lines.length === 1 && new RegExp(`^${directive}=("?)[^"'$\`\\\\;&|]*\\1\\s*$`).test(lines[0] ?? "");
}

function packageNameOf(name: string): string {
  const packageName = name.endsWith("-dkms") ? name : `${name}-dkms`;
  if (isPackageName(packageName)) return packageName;
  throw new DkmsError("bad-name", `${JSON.stringify(packageName)} cannot be the name of a package.`, {
    hint: "Choose another one: --name NAME",
  });
}

/** What makepkg takes as pkgver when hyphens are replaced, see PKGBUILD(5). */
function checkedVersion(version: string): string {
  if (/^[\w.+~-]+$/.test(moduleVersion(version))) return version;
  throw new DkmsError("bad-name", `${JSON.stringify(version)} cannot be the version of a package.`, {
    hint: "Letters, digits, dots, underscores and plus signs can: --version VERSION",
  });
}

function names(source: PackagedSource, name: string, version: string): { tarball: string; directory: string } {
  if (source.tarball === undefined) return { tarball: `${name}-${version}.tar.gz`, directory: `${name}-${version}` };
  return { tarball: source.tarball.split("/").at(-1) ?? "", directory: source.directoryName };
}

function objectsOf(source: PackagedSource): ReturnType<typeof builtObjects> {
  const objects = builtObjects(source.kbuild);
  if (objects.length > 0) return objects;
  throw new DkmsError("conf-missing", `${source.path} has no dkms.conf, and no makefile there has obj-m.`, {
    hint: "Write a dkms.conf into it: see dkms.conf(5).",
  });
}

/** SPDX words for what MODULE_LICENSE says; include/linux/module.h has the list. */
function spdx(license: string | undefined): string {
  const known: Readonly<Record<string, string>> = {
    GPL: "GPL-2.0-only",
    "GPL v2": "GPL-2.0-only",
    "Dual BSD/GPL": "BSD-3-Clause OR GPL-2.0-only",
    "Dual MIT/GPL": "MIT OR GPL-2.0-only",
    "Dual MPL/GPL": "MPL-2.0 OR GPL-2.0-only",
  };
  return known[license ?? ""] ?? "custom";
}
