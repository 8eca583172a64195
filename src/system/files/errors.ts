/** What goes wrong with files, in words that an administrator understands. */
import { DkmsError } from "../../model/errors.ts";

/** Whether an error is one of the system's, by its code (`ENOENT`). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}

/** Words for the errors of a file system that an administrator meets. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EIO: "the device reports an input/output error",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is no directory",
  ENOENT: "it does not exist",
  EEXIST: "it exists already",
  ENOTEMPTY: "the directory is not empty",
  ELOOP: "its links go in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  EXDEV: "it is on another file system",
};

/** The `file-failed` error for what could not be done with `what`: a path, or words with one. */
export function failed(verb: string, what: string, error: unknown, path = what): DkmsError {
  if (error instanceof DkmsError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new DkmsError("file-failed", `Cannot ${verb} ${what}: ${reason}.`, { path }, error);
}

/** Does what may fail; throws `file-failed`, with what the system refuses in words. */
export function worded<T>(verb: string, what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw failed(verb, what, error);
  }
}
