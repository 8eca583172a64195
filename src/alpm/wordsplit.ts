/** Splits the command of a hook into words as libalpm does: quotes and little else, since no shell reads it. */

/** The words of a command, or the quote that nothing closes; `at` counts from 0. */
export type Words =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "unbalanced"; readonly quote: string; readonly at: number };

/**
 * Splits at blanks. Both quotes protect blanks and each other, and may begin inside a word; a backslash only escapes a quote: any quote outside
 * quotes, the enclosing one inside. All else is literal, also `$`, `;`, `*` and a backslash before any other character. See alpm-hooks(5).
 */
export function wordsplit(text: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let open: { readonly quote: string; readonly at: number } | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    const next = text[index + 1] ?? "";
    const escapes = open === undefined ? isQuote(next) : next === open.quote;
    if (character === "\\" && escapes) {
      word = (word ?? "") + next;
      index += 1;
    } else if (open !== undefined) {
      if (character === open.quote) open = undefined;
      else word += character;
    } else if (isQuote(character)) {
      open = { quote: character, at: index };
      word ??= "";
    } else if (isBlank(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (open !== undefined) return { kind: "unbalanced", ...open };
  if (word !== undefined) words.push(word);
  return { kind: "words", words };
}

/** A text without the blanks round it: C's isspace(3), where JavaScript's own trim would also take U+00A0 and the byte order mark. */
export function trimBlanks(text: string): string {
  return text.replace(/^[ \t-\r]+/, "").replace(/[ \t-\r]+$/, "");
}

function isQuote(character: string): boolean {
  return character === "'" || character === '"';
}

function isBlank(character: string): boolean {
  return character === " " || (character >= "\t" && character <= "\r");
}
