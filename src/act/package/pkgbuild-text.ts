/** The PKGBUILD of a package of ready-made modules, and the settings for makepkg. Formats: PKGBUILD(5), makepkg.conf(5), both read by bash. */

/** What the PKGBUILD says. */
export interface PkgbuildFacts {
  readonly name: string;
  readonly version: string;
  readonly pkgrel: number;
  readonly arch: string;
  readonly description: string;
}

/**
 * The text. The package depends on nothing: whatever it named could hold back a client's upgrade. Objects are packed as they are, since a stripped or
 * recompressed one has lost its signature.
 */
export function pkgbuildText({ name, version, pkgrel, arch, description }: PkgbuildFacts): string {
  return `pkgname=${quoted(name)}
pkgver=${quoted(version)}
pkgrel=${pkgrel}
pkgdesc=${quoted(description)}
arch=(${quoted(arch)})
license=('custom')
options=('!strip' '!debug' '!zipman' '!purge' 'emptydirs')
package() {
  cp -r --no-preserve=ownership "$startdir/root/." "$pkgdir"
}
`;
}

/** makepkg's settings: those of the machine, such as PACKAGER, but for what decides about the result. */
export function makepkgConf(arch: string): string {
  return `COMPRESSZST=(zstd -c -z -q -)
INTEGRITY_CHECK=(sha256)
PACMAN_AUTH=()
DBGSRCDIR=/usr/src/debug
for _file in /etc/makepkg.conf /etc/makepkg.conf.d/*.conf; do
  [[ ! -r $_file ]] || source "$_file"
done
unset _file
CARCH=${quoted(arch)}
PKGEXT='.pkg.tar.zst'
BUILDENV=(!distcc !color !ccache !check !sign)
`;
}

/** A word of bash that stands for the text and nothing else. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
