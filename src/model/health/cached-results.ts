/** Results of builds that are kept by content, and which of them go when they take too much space. Pure. */

/** One entry of the cache. */
export interface CachedResult {
  readonly path: string;
  /** Bytes of all its files. */
  readonly size: number;
  /** When it was used last, in nanoseconds since 1970. */
  readonly used: bigint;
}

/** The entries that have to go, the one that was not used for the longest time first, so that the rest takes at most `limit` bytes. */
export function resultsBeyond(entries: readonly CachedResult[], limit: number): readonly CachedResult[] {
  const oldestFirst = entries.toSorted((a, b) => (a.used < b.used ? -1 : a.used > b.used ? 1 : 0));
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  return oldestFirst.filter(({ size }) => {
    if (total <= limit) return false;
    total -= size;
    return true;
  });
}
