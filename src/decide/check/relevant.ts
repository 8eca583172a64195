/** Which packages of an upgrade concern modules: those that a test has to look into. Pure. */
import type { UpgradePackage } from "../../model/check/upgrade.ts";

/** Files of a kernel, of its headers, of a module. */
const concerned =
  /^usr\/(src\/[^/]+\/dkms\.conf$|lib\/modules\/[^/]+\/(vmlinuz$|modules\.order$|build\/|updates\/dkms-pkg\/.))/;

/** Whether the files of the installed version, or without one its name, say that a package concerns modules. What is new may be anything. */
export function isRelevant({ name }: UpgradePackage, installedFiles: readonly string[] | undefined): boolean {
  if (installedFiles === undefined) return true;
  return name.includes("dkms") || installedFiles.some((file) => concerned.test(file));
}

/** Kernel packages whose headers come in the same version: the headers tell the release, and of such a kernel nothing else is looked at. */
export function toldByHeaders(packages: readonly UpgradePackage[]): ReadonlySet<string> {
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  return new Set(packages.flatMap(({ name, version }) => (versions.get(`${name}-headers`) === version ? [name] : [])));
}
