/** Listings of directories that one run takes more than once, under the lock and before it changes anything. */
import { listEntries } from "./files.ts";

/** What a directory holds, sorted by bytes. */
export type Entries = ReturnType<typeof listEntries>;

/** Tells what a directory holds; empty when it does not exist or is no directory. */
export type List = (path: string) => Entries;

/** Keeps every listing until all of them are forgotten. */
export class Listings {
  readonly #known = new Map<string, Entries>();

  readonly list: List = (path) => {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const entries = listEntries(path);
    this.#known.set(path, entries);
    return entries;
  };

  /** To be called by whoever has changed something. */
  forget(): void {
    this.#known.clear();
  }
}
