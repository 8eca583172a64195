/** Packages of Arch Linux that have the programs which builds of modules run. */
const packages: Readonly<Record<string, readonly string[]>> = {
  autoconf: ["autoconf", "autoreconf", "autoheader"],
  automake: ["automake", "aclocal"],
  bc: ["bc"],
  binutils: ["ld", "ld.bfd", "as", "ar", "nm", "objcopy", "objdump", "readelf", "strip"],
  bison: ["bison", "yacc"],
  clang: ["clang", "clang++"],
  cmake: ["cmake"],
  cpio: ["cpio"],
  diffutils: ["cmp", "diff"],
  flex: ["flex", "lex"],
  gawk: ["awk", "gawk"],
  gcc: ["gcc", "cc", "c++", "g++", "cpp"],
  git: ["git"],
  kmod: ["modinfo", "depmod", "modprobe", "lsmod"],
  libtool: ["libtool", "libtoolize"],
  lld: ["lld", "ld.lld"],
  llvm: ["llvm-ar", "llvm-nm", "llvm-objcopy", "llvm-strip"],
  m4: ["m4"],
  make: ["make", "gmake"],
  meson: ["meson"],
  nasm: ["nasm"],
  ninja: ["ninja"],
  openssl: ["openssl"],
  pahole: ["pahole"],
  patch: ["patch"],
  perl: ["perl"],
  pkgconf: ["pkg-config", "pkgconf"],
  python: ["python", "python3"],
  rust: ["cargo", "rustc"],
  "rust-bindgen": ["bindgen"],
  unzip: ["unzip"],
  which: ["which"],
  xz: ["xz"],
  zstd: ["zstd"],
};

/** The package of a program; undefined for one that is not in the list. */
export function packageOf(program: string): string | undefined {
  return Object.entries(packages).find(([, programs]) => programs.includes(program))?.[0];
}
