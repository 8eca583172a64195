/** Orders by bytes: never the locale's, so that every machine lists the same things in the same order. */

/** Compares two texts by their code points, which for UTF-8 is the order of their bytes. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
