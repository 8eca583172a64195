/**
 * What GNU nm and ar load at every start: the plugins of bfd-plugins (nm(1), --plugin), which read objects that hold a compiler's own code instead of a
 * machine's. That of LLVM brings in all of libLLVM, which is ten times the work of an nm, and Kbuild calls nm for every object.
 */
import { fileKind, listEntries } from "../../system/files/files.ts";
import { shownAgain } from "./shown-again.ts";

const directory = "/usr/lib/bfd-plugins";

/**
 * Arguments of bubblewrap that take LLVM's plugin away from a build which makes nothing for LLVM to read; `root` is what the build sees as `/`, empty
 * for the machine itself. Linking by clang is not touched: it finds the plugin where it really lies.
 */
export function withoutLlvmPlugin(root: string): readonly string[] {
  const from = `${root}${directory}`;
  if (fileKind(from) !== "directory" || !listEntries(from).some(({ name }) => isLlvm(name))) return [];
  return ["--tmpfs", directory, ...shownAgain(directory, from, isLlvm), "--remount-ro", directory];
}

/** `LLVMgold.so` on Arch, `LLVMgold-14.so` on Debian. */
function isLlvm(name: string): boolean {
  return name.startsWith("LLVMgold");
}
