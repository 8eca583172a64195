/** Files beside the toolchain that change what it makes: whoever may put one there changes every later build. */
import { dirname } from "node:path";
import { targetKind } from "../../system/files/files.ts";
import { statLine, treeIndex } from "../../system/files/stat-index.ts";

/** What is read wherever the compiler lies: plugins of bfd, configuration of clang, what the loader brings into every program, and programs that come before those of packages. */
const everywhere = ["/usr/lib/bfd-plugins", "/etc/clang", "/etc/ld.so.preload", "/usr/local/bin", "/usr/local/sbin"];

/** A line for each of them, by their stats; `compilerProper` is the path of gcc's cc1, in whose directories specs, plugins and headers lie: those of its version and of its target. */
export function dropIns(compilerProper: string, places: readonly string[] = everywhere): readonly string[] {
  const own = compilerProper.startsWith("/") ? gccDirectories(dirname(dirname(compilerProper))) : [];
  return [...own, ...places].flatMap((place) => [
    // A directory's own time tells of nothing but its entries, which are here.
    ...(targetKind(place) === "file" ? [`${place} ${statLine(place) ?? ""}`] : []),
    ...treeIndex(place).map((line) => `${place}/${line}`),
  ]);
}

/** Where gcc was configured to have its programs below libexec, its files are below lib all the same. */
function gccDirectories(ofPrograms: string): readonly string[] {
  return [...new Set([ofPrograms, ofPrograms.replace("/libexec/gcc/", "/lib/gcc/")])];
}
