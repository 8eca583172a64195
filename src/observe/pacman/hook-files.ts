/** Reads hook files as pacman finds them. */
import { join } from "node:path";
import { effectiveHooks } from "../../alpm/hook/directories.ts";
import { DkmsError } from "../../model/errors.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listDirectory, readLink, targetKind } from "../../system/files/files.ts";

/** Where packages put their hooks; pacman always looks there first. */
const packagedHooks = "/usr/share/libalpm/hooks";

/** A hook file, or why there is no text to be had. */
export interface FoundHook {
  readonly path: string;
  /** The file's name with `.hook`. */
  readonly name: string;
  readonly content:
    | { readonly kind: "text"; readonly text: string }
    /** pacman refuses every transaction because of a link to nothing. */
    | { readonly kind: "dangling"; readonly target: string }
    | { readonly kind: "unreadable"; readonly reason: string };
}

/** All hook files of a directory, sorted by name; none when it does not exist. */
export function readHookFiles(directory: string): readonly FoundHook[] {
  return listDirectory(directory)
    .filter((name) => name.endsWith(".hook"))
    .map((name) => join(directory, name))
    .filter((path) => targetKind(path) !== "directory")
    .map((path) => readHookFile(path));
}

/** The hook files that take effect, in the order in which pacman runs them: those of `directories` override those of packages. */
export function readEffectiveHooks(directories: readonly string[]): readonly FoundHook[] {
  const all = [packagedHooks, ...directories].map((directory) => ({ directory, files: readHookFiles(directory) }));
  const named = all.map(({ directory, files }) => ({ directory, names: files.map(({ name }) => name) }));
  const byPath = new Map(all.flatMap(({ files }) => files.map((file) => [file.path, file])));
  return effectiveHooks(named).flatMap(({ directory, name }) => byPath.get(join(directory, name)) ?? []);
}

/** The hook file of a name that takes effect; undefined when there is none. */
export function readEffectiveHook(name: string, directories: readonly string[]): FoundHook | undefined {
  const path = [packagedHooks, ...directories]
    .map((directory) => join(directory, name))
    .findLast((candidate) => !["none", "directory"].includes(fileKind(candidate)));
  return path === undefined ? undefined : readHookFile(path);
}

/** One hook file. A device reads as an empty one: a hook is switched off by a link to /dev/null. */
export function readHookFile(path: string): FoundHook {
  return { path, name: path.slice(path.lastIndexOf("/") + 1), content: readContent(path) };
}

/** Bytes; a hook of ten thousand targets has a quarter of it. */
const longestHook = 1024 ** 2;

function readContent(path: string): FoundHook["content"] {
  const kind = targetKind(path);
  if (kind === "other") return { kind: "text", text: "" };
  const target = readLink(path);
  if (kind === "none") {
    return target === undefined
      ? { kind: "unreadable", reason: "there is no such file" }
      : { kind: "dangling", target };
  }
  try {
    return { kind: "text", text: readText(path, longestHook) ?? "" };
  } catch (error) {
    if (error instanceof DkmsError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}
