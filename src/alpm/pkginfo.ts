/** Reads .PKGINFO, the description inside every package. */
import { DkmsError } from "../model/errors.ts";
import { isPackageName } from "../model/package-name.ts";
import { parseDependency, type Dependency } from "./dependency.ts";

/** What a package says of itself. */
export interface PackageInfo {
  readonly name: string;
  /** `epoch:pkgver-pkgrel` */
  readonly version: string;
  /** The name of the source package; the package's own name where it is left out. */
  readonly base: string;
  readonly arch: string;
  readonly depends: readonly Dependency[];
  readonly provides: readonly Dependency[];
  readonly conflicts: readonly Dependency[];
  readonly replaces: readonly Dependency[];
  /** All values of a key in their order, also of keys that are not named here. */
  values(key: string): readonly string[];
}

/**
 * Parses the text of a .PKGINFO: lines `key = value`, keys may repeat, lines that begin with `#` are comments.
 * Throws `archive-invalid` when the name or version is missing or could not be a package's.
 */
export function parsePackageInfo(text: string): PackageInfo {
  const all = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (line.startsWith("#") || equals < 0) continue;
    const key = line.slice(0, equals).trim();
    const values = all.get(key) ?? [];
    values.push(line.slice(equals + 1).trim());
    all.set(key, values);
  }
  const values = (key: string): readonly string[] => all.get(key) ?? [];
  const name = values("pkgname").at(-1) ?? "";
  const version = values("pkgver").at(-1) ?? "";
  if (!isPackageName(name)) throw invalid("name", name);
  if (version === "" || /[/\s\u0000-\u001f]/.test(version)) throw invalid("version", version);
  return {
    name,
    version,
    base: values("pkgbase").at(-1) ?? name,
    arch: values("arch").at(-1) ?? "any",
    depends: values("depend").map(parseDependency),
    provides: values("provides").map(parseDependency),
    conflicts: values("conflict").map(parseDependency),
    replaces: values("replaces").map(parseDependency),
    values,
  };
}

function invalid(what: string, value: string): DkmsError {
  return new DkmsError(
    "archive-invalid",
    `.PKGINFO has no usable package ${what}: ${JSON.stringify(value.slice(0, 80))}`,
  );
}
