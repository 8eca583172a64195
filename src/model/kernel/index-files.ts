/** The files that depmod(8) writes into a kernel's directory; `modules.order`, `modules.builtin` and `modules.builtin.modinfo` come with the kernel. */

/** Their names. */
export const indexFiles: readonly string[] = [
  "modules.alias",
  "modules.alias.bin",
  "modules.builtin.alias.bin",
  "modules.builtin.bin",
  "modules.dep",
  "modules.dep.bin",
  "modules.devname",
  "modules.softdep",
  "modules.symbols",
  "modules.symbols.bin",
  "modules.weakdep",
];

/** Where the index of before is kept, below the kernel's directory, while depmod makes a new one. */
export const keptIndexName = ".dkms-index";
