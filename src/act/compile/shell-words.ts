/** Looks at shell text without running it: where its simple commands and their words are. Pure. */

/** A word of a shell text as written, quotes included, and where it lies. */
export interface ShellWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The words of every simple command; commands end at `;`, `&`, `|`, parentheses and ends of lines. Substitutions stay inside their word. */
export function simpleCommands(text: string): readonly (readonly ShellWord[])[] {
  const commands: ShellWord[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (/[;&|()\n]/.test(character)) {
      commands.push([]);
      at += 1;
    } else if (/\s/.test(character)) {
      at += 1;
    } else {
      const end = endOfWord(text, at);
      commands.at(-1)?.push({ text: text.slice(at, end), start: at, end });
      at = end;
    }
  }
  return commands.filter((words) => words.length > 0);
}

/** A word that bash takes as it is: quoted where it has to be. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word without its quotes; good enough to recognise the name of a program. */
export function unquoted(word: string): string {
  return word.replaceAll(/['"\\]/g, "");
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s;&|()]/.test(text.charAt(at))) at = endOfPart(text, at);
  return at;
}

/** The end of a quoted part, a substitution or a single character. */
function endOfPart(text: string, at: number): number {
  switch (text.charAt(at)) {
    case "\\":
      return Math.min(at + 2, text.length);
    case "'":
      return after(text, "'", at + 1);
    case "`":
      return after(text, "`", at + 1);
    case '"':
      return endOfDoubleQuotes(text, at + 1);
    case "$":
      return text.charAt(at + 1) === "(" ? endOfParentheses(text, at + 2) : at + 1;
    default:
      return at + 1;
  }
}

function endOfDoubleQuotes(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charAt(at) !== '"') {
    at = text.charAt(at) === "'" ? at + 1 : endOfPart(text, at);
  }
  return Math.min(at + 1, text.length);
}

function endOfParentheses(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charAt(at) !== ")") {
    at = text.charAt(at) === "(" ? endOfParentheses(text, at + 1) : endOfPart(text, at);
  }
  return Math.min(at + 1, text.length);
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + 1;
}
