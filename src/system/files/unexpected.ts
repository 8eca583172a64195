/** Entries of another kind than belongs in their place: they are ignored, the rest is read, and the program prints a warning for each. */
const found = new Set<string>();

/** Remembers a sentence about an entry that is ignored; the same one is remembered once. */
export function noteUnexpected(sentence: string): void {
  found.add(sentence);
}

/** The sentences so far, each given once. */
export function takeUnexpected(): readonly string[] {
  const sentences = [...found];
  found.clear();
  return sentences;
}
