/** Answers of readers that are kept from one run to the next, each for as long as its file is the same. */
import { readText } from "./files/content.ts";
import { writeExpendable } from "./writing/expendable-files.ts";

/** One file with such answers, by key; read with the first question. */
export class Remembered<T> {
  readonly #file: string;
  readonly #most: number;
  #known: Map<string, T> | undefined;

  /** Keeps at most so many answers, the last ones. */
  constructor(file: string, most: number) {
    this.#file = file;
    this.#most = most;
  }

  /** By key; those asked for last stand last. */
  get known(): Map<string, T> {
    return (this.#known ??= read<T>(this.#file));
  }

  /** Writes them; where that is not possible (no right, a full disk), nothing is lost but the time of reading again. */
  save(): void {
    if (this.#known === undefined) return;
    try {
      writeExpendable(this.#file, `${JSON.stringify([...this.#known].slice(-this.#most))}\n`);
    } catch {
      // Whoever needs the disk reports that it is full.
    }
  }
}

function read<T>(file: string): Map<string, T> {
  try {
    const found: unknown = JSON.parse(readText(file) ?? "[]");
    return new Map(Array.isArray(found) ? (found as [string, T][]) : []);
  } catch {
    return new Map();
  }
}
