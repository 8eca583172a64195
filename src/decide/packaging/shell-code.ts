/** The part of a shell text that is commands: quoted text, comments and here-documents become blanks, line ends stay. */

/** Blanks out all that is no command word, so that `echo "run depmod"` names no command; lines keep their numbers. */
export function shellCode(text: string): string {
  const blank = (found: string): string => found.replace(/[^\n]/g, "_");
  return (
    withoutHereDocuments(text)
      // An escaped character, a quoted text, or a comment where a word could begin.
      .replace(/\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|(?<=^|[\s;&|(])#[^\n]*/gm, blank)
      // The words of a list: depends=(dkms)
      .replace(/=\([^)]*\)/g, blank)
  );
}

/** Numbers (1 is the first) and texts of the lines whose code matches. */
export function matchingLines(
  text: string,
  pattern: RegExp,
): readonly { readonly line: number; readonly text: string }[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, text: line.trim() }] : []));
}

/** A text without its comments; quoted text stays, since commands are substituted in it as well. */
export function withoutComments(text: string): string {
  return text.replace(/(?<=^|[ \t;&|(])#.*$/gm, "");
}

function withoutHereDocuments(text: string): string {
  let end: string | undefined;
  return text
    .split("\n")
    .map((line) => {
      if (end !== undefined) {
        if (line.trim() === end) end = undefined;
        return "";
      }
      // Not the here-string `<<<`.
      end = /(?<!<)<<(?!<)-?\s*["'\\]?([A-Za-z_]\w*)/.exec(line)?.[1];
      return line;
    })
    .join("\n");
}
