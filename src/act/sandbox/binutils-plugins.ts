/**
 * What GNU nm and ar load at every start: the plugins of bfd-plugins (nm(1), --plugin), which read objects that hold a compiler's own code instead of a
 * machine's. That of LLVM brings in all of libLLVM, which is ten times the work of an nm, and Kbuild calls nm for every object.
 */
import { fileKind, listEntries, readLink } from "../../system/files/files.ts";
import type { Place } from "../../system/sandbox/view.ts";

const directory = "/usr/lib/bfd-plugins";

/**
 * The directory laid out anew without LLVM's plugin, for a build which makes nothing for LLVM to read; `root` is what the build sees as `/`, empty for the
 * machine itself. Linking by clang is not touched: it finds the plugin where it really lies.
 */
export function withoutLlvmPlugin(root: string): readonly Place[] {
  const from = `${root}${directory}`;
  if (fileKind(from) !== "directory") return [];
  const entries = listEntries(from);
  if (!entries.some(({ name }) => isLlvm(name))) return [];
  const others = entries.filter(({ name }) => !isLlvm(name));
  return [
    { kind: "empty", from: "", at: directory },
    ...others.map(({ name, kind }): Place => {
      const at = `${directory}/${name}`;
      return kind === "link"
        ? { kind: "link", from: readLink(`${from}/${name}`) ?? "", at }
        : { kind: "read", from: `${from}/${name}`, at };
    }),
  ];
}

/** `LLVMgold.so` on Arch, `LLVMgold-14.so` on Debian. */
function isLlvm(name: string): boolean {
  return name.startsWith("LLVMgold");
}
