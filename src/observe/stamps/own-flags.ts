/** Finds out whether a module's files speak of compiler flags, or of debug information, in a way that ours could get in the way of. */
import { join } from "node:path";
import { readShort } from "../../system/files/content.ts";
import { realPath, targetKind } from "../../system/files/files.ts";
import { findFiles } from "../../system/files/find-files.ts";

/** KCFLAGS: a makefile may set them only where nobody else has (`?=`). pahole: something is made from debug information. */
const words = ["KCFLAGS", "pahole"];

/** Bytes of a file that is looked through: a core dump or an image has more. */
const longest = 256 * 1024 ** 2;

/** Looks through module sources, each once a run. */
export class OwnFlags {
  readonly #answers = new Map<string, Promise<boolean>>();

  /** Whether a file below one of these directories has one of the words in it; a directory that is not there has none. */
  async mention(...directories: readonly string[]): Promise<boolean> {
    for (const directory of directories) {
      const answer = this.#answers.get(directory) ?? look(directory);
      this.#answers.set(directory, answer);
      if (await answer) return true;
    }
    return false;
  }
}

async function look(directory: string): Promise<boolean> {
  const root = realPath(directory);
  return root !== undefined && (await findFiles(root, "**")).some(({ path }) => has(join(root, path)));
}

function has(path: string): boolean {
  const bytes = targetKind(path) === "file" ? readShort(path, longest) : undefined;
  return bytes !== undefined && words.some((word) => bytes.includes(word));
}
