/** Finds out whether a module's files speak of compiler flags, or of debug information, in a way that ours could get in the way of. */
import { join } from "node:path";
import { readBytes } from "../../system/files/content.ts";
import { listTree, realPath, targetKind } from "../../system/files/files.ts";

/** KCFLAGS: a makefile may set them only where nobody else has (`?=`). pahole: something is made from debug information. */
const words = ["KCFLAGS", "pahole"];

/** Looks through module sources, each once a run. */
export class OwnFlags {
  readonly #answers = new Map<string, boolean>();

  /** Whether a file below one of these directories has one of the words in it; a directory that is not there has none. */
  mention(...directories: readonly string[]): boolean {
    return directories.some((directory) => this.#look(directory));
  }

  #look(directory: string): boolean {
    const known = this.#answers.get(directory);
    if (known !== undefined) return known;
    const root = realPath(directory);
    const answer = root !== undefined && listTree(root).some(({ path }) => has(join(root, path)));
    this.#answers.set(directory, answer);
    return answer;
  }
}

function has(path: string): boolean {
  const bytes = targetKind(path) === "file" ? readBytes(path) : undefined;
  return bytes !== undefined && words.some((word) => bytes.includes(word));
}
