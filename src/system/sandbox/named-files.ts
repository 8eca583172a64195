/** Absolute paths in texts of packages, and which of them may be shown for their names alone. */
import { targetKind } from "../files/files.ts";
import { isReadableByAll, Reach, wayOf } from "./places.ts";

/** Absolute paths in texts of shells and makefiles, as far as they can be read off. */
export function pathsIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/(?<![\w./$})-])\/[\w@%+.,-]+(?:\/[\w@%+.,-]*)*/g)].map(([path]) => path),
  );
}

/** Files that texts name and that every user of the machine may read. A directory could hold the socket of a service: it is ignored. */
export function publicFilesIn(root: string, texts: readonly string[]): readonly string[] {
  const reach = new Reach(root);
  return [...new Set(pathsIn(texts))].filter(
    (path) => isHarmless(path) && targetKind(`${root}${path}`) === "file" && isPublic(root, path, reach),
  );
}

/** Never shown for a name alone: what the kernel makes up, and doors of services. */
const madeUp = /^\/(proc|sys|dev|run|var\/run)(\/|$)/;
/** Too much for one name. */
const wide = /^\/([^/]+|home\/[^/]+|var\/[^/]+|usr\/local|boot\/.*)?\/?$/;
/** Private by custom: keys and settings of a user are in directories with a dot. */
const dotted = /^\/(root|home\/[^/]+)\/(.*\/)?\./;

/** Whether the administrator may have meant it: everything but what the kernel makes up. */
export function isPlace(path: string): boolean {
  return !madeUp.test(path) && path.replace(/\/+$/, "") !== "";
}

/** Whether it may be shown because the machine's headers or sources lead there. */
export function isHarmless(path: string): boolean {
  return !madeUp.test(path) && !wide.test(path) && !dotted.test(path) && !path.split("/").includes("..");
}

/** Whether every user of the machine gets there and may read it; `root` may lie in a private directory of whoever tests. */
export function isPublic(root: string, path: string, reach: Reach = new Reach(root)): boolean {
  const real = wayOf(root, path)?.real;
  if (real === undefined || !isHarmless(real)) return false;
  return reach.isOpen(`${root}${real}`) && isReadableByAll(`${root}${real}`);
}
