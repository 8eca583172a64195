/** Where a path really leads, and whether the build user gets there by itself. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileKind, readLink } from "../files/files.ts";

/** A link on the way of a path, and what it says. */
export interface LinkOnTheWay {
  readonly at: string;
  readonly text: string;
}

/** The way of an absolute path below `root`: links that are passed, and the path without any; undefined when it leads nowhere. */
export function wayOf(
  root: string,
  path: string,
): { readonly links: readonly LinkOnTheWay[]; readonly real: string } | undefined {
  const links: LinkOnTheWay[] = [];
  const left = path.split("/").toReversed();
  let at = "";
  while (left.length > 0) {
    const name = left.pop() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = dirname(at === "" ? "/" : at).replace(/^\/$/, "");
      continue;
    }
    const next = `${at}/${name}`;
    const kind = fileKind(`${root}${next}`);
    if (kind === "none") return undefined;
    if (kind !== "link") {
      at = next;
      continue;
    }
    const text = readLink(`${root}${next}`) ?? "";
    // As many as the kernel follows.
    if (links.push({ at: next, text }) > 40) return undefined;
    if (text.startsWith("/")) at = "";
    left.push(...text.split("/").toReversed());
  }
  return { links, real: at === "" ? "/" : at };
}

/** Whether everybody may search all directories above a path, up to one that stands for `/`: what is asked for each is remembered for the run. */
export class Reach {
  readonly #open = new Map<string, boolean>();
  readonly #top: string;

  constructor(top = "") {
    this.#top = top === "" ? "/" : top;
  }

  /** The path has no links. */
  isOpen(path: string): boolean {
    const above = dirname(path);
    const known = this.#open.get(above);
    if (known !== undefined) return known;
    const mode = statSync(above, { throwIfNoEntry: false })?.mode ?? 0;
    const answer = (mode & 0o001) !== 0 && (above === this.#top || above === "/" || this.isOpen(above));
    this.#open.set(above, answer);
    return answer;
  }
}

/** Whether a user who has nothing but these ids may write to a file or directory. */
export function mayWrite(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const shift = found.uid === uid ? 6 : found.gid === gid ? 3 : 0;
  return ((found.mode >> shift) & 0o2) !== 0;
}

/** Whether a file or directory can be read by every user; false for all else, sockets among it. */
export function isReadableByAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory()) return (found.mode & 0o005) === 0o005;
  return found.isFile() && (found.mode & 0o004) !== 0;
}
