/** Reads what pacman writes to a hook with NeedsTargets: package names and paths, one a line, from any package that anybody made. */

/** Which file of a kernel's directory a target names. */
type KernelPart =
  /** `usr/lib/modules/<release>/`, the directory itself */
  | "directory"
  | "vmlinuz"
  | "pkgbase"
  | "modules.order"
  /** `build/` or anything below: headers */
  | "build"
  | "other";

/** The targets of a transaction that concern kernels and modules. */
export interface Targets {
  /** Kernel releases of which any file was named. */
  readonly releases: ReadonlySet<string>;
  /** The same releases by the file that named them; a part that nobody named is an empty set. */
  readonly parts: Readonly<Record<KernelPart, ReadonlySet<string>>>;
  /** `<dir>` of `usr/src/<dir>/dkms.conf`. */
  readonly sourceDirectories: ReadonlySet<string>;
  /** Notes of modules that packages bring ready-made, as `dkms mkpkg` writes them: `usr/lib/modules/<release>/updates/dkms-pkg/<module>.json`. */
  readonly notes: ReadonlySet<string>;
  /** Package names: lines without a slash. */
  readonly packages: ReadonlySet<string>;
}

/** Longest path that Linux takes, in bytes; no longer line can be the path of a file that pacman wrote. */
const longestPath = 4096;
const longestName = 255;

/**
 * Parses a hook's stdin. Lines that name nothing of interest are left out, and so are names that no file can have or that would lead
 * elsewhere: `.` and `..`, control characters, bytes that were no UTF-8, more than 255 bytes.
 */
export function parseTargets(text: string): Targets {
  const releases = new Set<string>();
  const parts: Record<KernelPart, Set<string>> = {
    directory: new Set(),
    vmlinuz: new Set(),
    pkgbase: new Set(),
    "modules.order": new Set(),
    build: new Set(),
    other: new Set(),
  };
  const sourceDirectories = new Set<string>();
  const notes = new Set<string>();
  const packages = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.length > longestPath) continue;
    const names = line.split("/");
    const directory = names.at(-1) === "";
    if (!(directory ? names.slice(0, -1) : names).every(isFileName)) continue;
    const [first = "", second, third, release] = names;
    if (names.length === 1) packages.add(first);
    if (first !== "usr") continue;
    if (second === "lib" && third === "modules" && release !== undefined && names.length > 4) {
      releases.add(release);
      parts[kernelPart(names.slice(4))].add(release);
      if (notePattern.test(line)) notes.add(line);
    }
    if (second === "src" && third !== undefined && names.length === 4 && release === "dkms.conf") {
      sourceDirectories.add(third);
    }
  }
  return { releases, parts, sourceDirectories, notes, packages };
}

const notePattern = /^usr\/lib\/modules\/[^/]+\/updates\/dkms-pkg\/[^/]+\.json$/;

/** The part that the names after `usr/lib/modules/<release>/` lead to; a directory's path ends in an empty name. */
function kernelPart(names: readonly string[]): KernelPart {
  const [name] = names;
  if (name === "") return "directory";
  if (name === "build") return "build";
  if (names.length === 1 && (name === "vmlinuz" || name === "pkgbase" || name === "modules.order")) return name;
  return "other";
}

/** U+FFFD stands for a byte that was no UTF-8: the true name is not known any more. */
function isFileName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return false;
  return !/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(name) && Buffer.byteLength(name) <= longestName;
}
