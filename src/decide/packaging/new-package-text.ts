/** The files of a new package of module sources, by the guidelines for such packages. */
import type { BuiltObject } from "./built-objects.ts";

/** What a PKGBUILD is made of; all words are checked. */
export interface RecipeWords {
  readonly name: string;
  readonly packageName: string;
  /** May have hyphens. */
  readonly version: string;
  readonly license: string;
  readonly tarball: string;
  /** The directory in it. */
  readonly directory: string;
  readonly sum: string;
  /** Whether dkms.conf comes with the sources. */
  readonly conf: "own" | "generated";
  /** What of dkms.conf the PKGBUILD sets. */
  readonly substituted: { readonly name: boolean; readonly version: boolean };
}

/** The text of a PKGBUILD. */
export function recipeText(words: RecipeWords): string {
  const { name, packageName, version, license, conf, sum } = words;
  const isHyphened = version.includes("-");
  const versionWord = isHyphened ? "$_version" : "$pkgver";
  const inWords = (text: string): string => text.replace(version, versionWord.replace("$", "${").concat("}"));
  const sums = [sum, ...(conf === "generated" ? ["SKIP"] : [])];
  const sources = [`"${inWords(words.tarball)}"`, ...(conf === "generated" ? ["dkms.conf"] : [])];
  return `# Made by dkms-pkgbuild. Build and install it: makepkg -si
# Maintainer:
_name=${name}
pkgname=${packageName}
${isHyphened ? `_version=${version}\npkgver=\${_version//-/_}` : `pkgver=${version}`}
pkgrel=1
pkgdesc='Kernel module ${name}, built for every installed kernel by DKMS'
arch=(any)
# url=
license=('${license}')
depends=(dkms)
# The sources are to arrive as they are.
options=(!strip !purge emptydirs libtool staticlibs)
source=(${sources.join(" ")})
sha256sums=(${sums.map((word) => `'${word}'`).join(" ")})

package() {
  local target="$pkgdir/usr/src/$_name-${versionWord}"

  install -d "$target"
  cp -r --no-preserve=ownership "${inWords(words.directory)}/." "$target"
${settingLines(words, versionWord).join("\n")}
  chmod -R u=rwX,go=rX "$target"
}
`;
}

function settingLines({ conf, substituted }: RecipeWords, versionWord: string): readonly string[] {
  const set = (directive: string, word: string): string =>
    `  sed -i "s|^${directive}=.*|${directive}=\\"${word}\\"|" "$target/dkms.conf"`;
  return [
    ...(conf === "generated" ? ['  install -m644 dkms.conf "$target"'] : []),
    ...(substituted.name ? [set("PACKAGE_NAME", "$_name")] : []),
    ...(substituted.version
      ? ["  # The version is kept in one place, above.", set("PACKAGE_VERSION", versionWord)]
      : ["  # PACKAGE_VERSION is computed in dkms.conf: it has to come to the version above."]),
  ];
}

/** The text of a dkms.conf for modules that the kernel's own build system builds. */
export function confText(objects: readonly BuiltObject[]): string {
  const lines = objects.flatMap(({ name, location }, index) => [
    `BUILT_MODULE_NAME[${index}]="${name}"`,
    ...(location === "" ? [] : [`BUILT_MODULE_LOCATION[${index}]="${location}"`]),
    `DEST_MODULE_LOCATION[${index}]="/kernel/drivers/misc"`,
  ]);
  return `# Made by dkms-pkgbuild; the PKGBUILD sets name and version. See dkms.conf(5).
PACKAGE_NAME="@NAME@"
PACKAGE_VERSION="@PKGVER@"
${lines.join("\n")}
AUTOINSTALL="yes"
`;
}
