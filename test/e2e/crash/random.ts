/** Random numbers that can be had again: a seed is printed, and the same seed makes the same choices. */
import { seed as runSeed } from "../../form.ts";

export interface Random {
  readonly seed: number;
  /** A number from 0 up to but not including `limit`. */
  below(limit: number): number;
  /** One of the items. */
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** Numbers from a seed: the given one, or that of the run. The generator is Mulberry32, of 32 bits. */
export function seededRandom(seed = runSeed): Random {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit;
  };
  return { seed, below, pick: (items) => items[Math.floor(below(items.length))] ?? items[0] };
}
