/** Programs that dkms starts, and the packages of Arch Linux that bring them. */

/** The package of each. */
export const programPackages = {
  bash: "bash",
  make: "make",
  gcc: "gcc",
  ld: "binutils",
  strip: "binutils",
  clang: "clang",
  "ld.lld": "lld",
  "llvm-strip": "llvm",
  pahole: "pahole",
  patch: "patch",
  depmod: "kmod",
  modinfo: "kmod",
  flock: "util-linux",
  bwrap: "bubblewrap",
  gzip: "gzip",
  xz: "xz",
  zstd: "zstd",
  openssl: "openssl",
} as const satisfies Readonly<Record<string, string>>;

/** A program of the table. */
export type ProgramName = keyof typeof programPackages;

/** A name as it is where it is that of a compiler, alone or with a prefix for its target and a version; undefined for every other word, paths among them. */
export function compilerName(word: string): string | undefined {
  return /^(?:[a-z0-9_]+-){0,4}(?:gcc|clang)(?:-\d+(?:\.\d+)*)?$/.test(word) ? word : undefined;
}

/** All of them. */
export const programNames = Object.keys(programPackages) as readonly ProgramName[];
