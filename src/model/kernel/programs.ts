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

/** All of them. */
export const programNames = Object.keys(programPackages) as readonly ProgramName[];
