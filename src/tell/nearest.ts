/** Suggestions for mistyped words. */

/** `Did you mean install?`; undefined when nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const found = nearest(word, known);
  return found === undefined ? undefined : `Did you mean ${found}?`;
}

/** The known word that the fewest changes of one letter make of a word: one for a short word, two or three for a long one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.min(3, Math.floor(word.replace(/^-+/, "").length / 3) || 1);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = changes(word.toLowerCase(), name.toLowerCase());
    if (distance <= most && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name ?? known.find((name) => word.length > 2 && name.startsWith(word));
}

/** How many letters have to be put in, left out, replaced or exchanged with their neighbour (optimal string alignment). */
function changes(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      const above = rows[i - 1] ?? [];
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[one.length]?.[other.length] ?? 0;
}
