/** Looks into a package archive: what it says of itself, and which files it holds. */
import { parsePackageInfo, type PackageInfo } from "../../../alpm/pkginfo.ts";
import { run } from "../../../system/process/processes.ts";

/** A package archive that could be read. */
export interface ArchiveContent {
  readonly path: string;
  readonly info: PackageInfo;
  /** As pacman lists them: no slash in front, one behind a directory. */
  readonly files: readonly string[];
}

/** Time for one archive, in seconds. */
const patience = 120;

/** makepkg puts a list of all files (mtree(5)) before them, so that not all of them have to be unpacked; `$1` is the archive. */
const listByMtree = 'set -o pipefail; bsdtar -xOqf "$1" .MTREE | bsdtar -tf -';

/** Reads an archive; undefined when it is no package. */
export async function readArchive(path: string, signal: AbortSignal): Promise<ArchiveContent | undefined> {
  const options = { environment: { LC_ALL: "C.UTF-8" }, signal, timeoutSeconds: patience };
  // -q ends after the first match, which stands near the beginning.
  const [described, quick] = await Promise.all([
    run(["bsdtar", "-xOqf", path, ".PKGINFO"], options),
    run(["bash", "--norc", "--noprofile", "-c", listByMtree, "dkms-guard", path], options),
  ]);
  if (described.status !== 0) return undefined;
  const listed = quick.status === 0 && quick.stdout !== "" ? quick : await run(["bsdtar", "-tf", path], options);
  if (listed.status !== 0) return undefined;
  try {
    return { path, info: parsePackageInfo(described.stdout), files: fileNames(listed.stdout) };
  } catch {
    return undefined;
  }
}

function fileNames(listing: string): readonly string[] {
  const names = listing
    .split("\n")
    .map((line) => line.replace(/^\.\//, ""))
    .filter((line) => line !== "" && !/^\.[A-Z]+$/.test(line));
  // An mtree has directories without the slash that pacman and hooks give them.
  const parents = new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/")))));
  return names.map((name) => (parents.has(name) ? `${name}/` : name));
}

/** Whether an archive holds a path of a hook's targets; some archives list no directories of their own. */
export function holds(content: ArchiveContent, path: string): boolean {
  return path.endsWith("/") ? content.files.some((file) => file.startsWith(path)) : content.files.includes(path);
}
