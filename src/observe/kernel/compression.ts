/** How a kernel's modules are compressed, told from those that are there: what is present counts, not the kernel's configuration. */
import { parseObjectFileName, type Suffix } from "../../model/kernel-object.ts";
import { walkFiles } from "../../system/files/walk.ts";

/** Where kernel modules never are; Arch has all headers of a kernel below `build`. */
export const notModules: readonly string[] = ["build", "source"];

const remembered = new Map<string, Suffix>();

/**
 * The suffix that the modules of a kernel directory have: `.zst` when any has it, else `.xz`, else `.gz`, else none. Objects of ours count like every other,
 * so a kernel without modules of its own keeps the form that it once had. Asked once for every kernel: the walk ends with the first `.zst`.
 */
export function compressionSuffix(kernelDirectory: string): Suffix {
  const known = remembered.get(kernelDirectory);
  if (known !== undefined) return known;
  const suffix = presentSuffix(kernelDirectory);
  remembered.set(kernelDirectory, suffix);
  return suffix;
}

function presentSuffix(kernelDirectory: string): Suffix {
  let best: Suffix = "";
  for (const { name } of walkFiles(kernelDirectory, { first: ["kernel"], skip: notModules })) {
    const suffix = parseObjectFileName(name)?.suffix;
    if (suffix === ".zst") return suffix;
    if (suffix === ".xz" || (suffix === ".gz" && best === "")) best = suffix;
  }
  return best;
}
