/** Packages whose programs a build runs, and whose libraries the host tools among a kernel's headers are linked against. */

/** Names of packages on Arch Linux. */
export const toolchainPackages: ReadonlySet<string> = new Set([
  ...["gcc", "gcc-libs", "libgcc", "libstdc++", "glibc", "binutils", "make", "pahole", "bash", "coreutils"],
  ...["clang", "llvm", "llvm-libs", "lld", "compiler-rt"],
  ...["elfutils", "libelf", "zlib", "zlib-ng-compat", "zstd", "xz", "openssl", "kmod"],
]);
