/** Paths on a command line. */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { realPath } from "../../system/files/files.ts";

/** A path that the user typed, absolute and without a slash at its end. */
export function absolutePath(path: string, from: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(join(from, path));
}

/** The path by which a directory that may not exist yet is known once all links on the way to it are followed. */
export function withoutLinks(path: string): string {
  const real = realPath(path);
  if (real !== undefined || path === "/") return real ?? path;
  return join(withoutLinks(dirname(path)), basename(path));
}
