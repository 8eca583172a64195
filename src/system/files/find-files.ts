/** Finds files below a directory by patterns. fast-glob is loaded with the first question, so that only what asks one waits for it. */
import { failed, hasCode } from "./errors.ts";
import { kindOf, sortedByBytes, type FileKind } from "./files.ts";
import { targetPlaceOf } from "./other-machine.ts";

/** A file, link or special file, by its path relative to where it was looked for. */
export interface FoundFile {
  readonly path: string;
  readonly kind: FileKind;
}

/**
 * What fits one of the patterns (those of fast-glob), sorted by the bytes of its path. Names that begin with a dot fit as others do.
 * No link is followed: a directory behind one is not looked into. Directories are left out, links and special files are not. Empty when the directory
 * does not exist; throws `file-failed` when one cannot be listed.
 */
export async function findFiles(directory: string, ...patterns: readonly string[]): Promise<readonly FoundFile[]> {
  const { default: glob } = await import("fast-glob");
  const cwd = targetPlaceOf(directory);
  try {
    const found = await glob([...patterns], {
      cwd,
      dot: true,
      followSymbolicLinks: false,
      onlyFiles: false,
      objectMode: true,
    });
    const kinds = new Map(found.map(({ path, dirent }) => [path, kindOf(dirent)] as const));
    return sortedByBytes([...kinds.keys()]).flatMap((path) => {
      const kind = kinds.get(path);
      return kind === undefined || kind === "directory" ? [] : [{ path, kind }];
    });
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "ELOOP")) return [];
    throw failed("list", directory, error);
  }
}
