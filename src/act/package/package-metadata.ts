/** What a package says of itself. Formats: PKGINFO(5), BUILDINFO(5). */
import { projectVersion } from "../../model/project.ts";

/** What the metadata of a package tells. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly pkgrel: number;
  readonly arch: string;
  readonly description: string;
  readonly packager: string;
  /** Seconds since 1970. */
  readonly built: number;
  /** Bytes of its files together. */
  readonly size: number;
}

/** `.PKGINFO`. The package depends on nothing: whatever it named could hold back a client's upgrade. */
export function packageInfo(facts: PackageFacts): string {
  return fieldLines([
    ["pkgname", facts.name],
    ["pkgbase", facts.name],
    ["xdata", "pkgtype=pkg"],
    ["pkgver", `${facts.version}-${facts.pkgrel}`],
    ["pkgdesc", facts.description],
    ["builddate", String(facts.built)],
    ["packager", facts.packager],
    ["size", String(facts.size)],
    ["arch", facts.arch],
    ["license", "custom"],
  ]);
}

/** `.BUILDINFO`: which program made it. */
export function buildInfo(facts: PackageFacts): string {
  return fieldLines([
    ["format", "2"],
    ["pkgname", facts.name],
    ["pkgbase", facts.name],
    ["pkgver", `${facts.version}-${facts.pkgrel}`],
    ["pkgarch", facts.arch],
    ["packager", facts.packager],
    ["builddate", String(facts.built)],
    ["buildtool", "dkms-alpm"],
    ["buildtoolver", projectVersion],
  ]);
}

/** What of `.PKGINFO` another package with the same contents may have otherwise: when it was made and by whom, and how often before. */
export function lastingInfo(text: string): string {
  const passing = /^(builddate|packager|pkgver) = /;
  return text
    .split("\n")
    .filter((line) => !passing.test(line))
    .join("\n");
}

/** PACKAGER of makepkg.conf(5), which is shell code: a plain assignment is read, nothing is run. The last one counts. */
export function packagerIn(texts: readonly string[]): string {
  const found = texts.flatMap((text) =>
    [...text.matchAll(/^[ \t]*PACKAGER=(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\;#]+))/gm)].map(
      ([, double, single, bare]) => double ?? single ?? bare ?? "",
    ),
  );
  return found.at(-1)?.trim() || "Unknown Packager";
}

/** A value is one line, whatever it was. */
function fieldLines(fields: readonly (readonly [name: string, value: string])[]): string {
  return fields.map(([name, value]) => `${name} = ${value.replaceAll(/\s+/g, " ").trim()}\n`).join("");
}
