/** Bracket expressions of fnmatch(3): `[abc]`, `[!a-z]`, `[[:digit:]_]`, with the order of code points. */

/** A compiled expression, with the index after its `]`; one that nothing closes is a plain `[`. */
export type Bracket =
  | { readonly kind: "bracket"; readonly accepts: (character: string) => boolean; readonly end: number }
  | { readonly kind: "unterminated" };

type Member =
  | { readonly kind: "character"; readonly character: string; readonly end: number }
  | { readonly kind: "class"; readonly accepts: (character: string) => boolean; readonly end: number }
  /** An unknown class or name. */
  | { readonly kind: "invalid"; readonly end: number }
  | { readonly kind: "unterminated" };

const classes: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /^[\p{L}\p{Nd}]$/u],
  ["alpha", /^\p{L}$/u],
  ["blank", /^[ \t]$/],
  ["cntrl", /^[\u0000-\u001f\u007f]$/],
  ["digit", /^[0-9]$/],
  ["graph", /^[^\u0000-\u0020\u007f]$/u],
  ["lower", /^\p{Ll}$/u],
  ["print", /^[^\u0000-\u001f\u007f]$/u],
  ["punct", /^[!-/:-@[-`{-~]$/],
  ["space", /^[ \t-\r]$/],
  ["upper", /^\p{Lu}$/u],
  ["xdigit", /^[0-9A-Fa-f]$/],
]);

/** Compiles the expression whose `[` stands just before `start`. */
export function compileBracket(pattern: readonly string[], start: number): Bracket {
  const negated = pattern[start] === "!" || pattern[start] === "^";
  const first = negated ? start + 1 : start;
  const accepted: ((character: string) => boolean)[] = [];
  let invalid = false;
  let index = first;
  while (pattern[index] !== "]" || index === first) {
    const member = readRange(pattern, index);
    if (member.kind === "unterminated") return member;
    // Members are tried in turn: one that is invalid ends the search, those before it still count.
    if (member.kind === "invalid") invalid = true;
    else if (!invalid) accepted.push(member.accepts);
    index = member.end;
  }
  const inside = (character: string): boolean => accepted.some((accept) => accept(character));
  const outside = (character: string): boolean => !invalid && !inside(character);
  return { kind: "bracket", accepts: negated ? outside : inside, end: index + 1 };
}

/** A member, or two with a dash between them. */
function readRange(pattern: readonly string[], start: number): Exclude<Member, { kind: "character" }> {
  const first = readMember(pattern, start);
  if (first.kind !== "character") return first;
  const { character: low, end } = first;
  if (pattern[end] !== "-" || pattern[end + 1] === "]" || pattern[end + 1] === undefined) {
    return { kind: "class", accepts: (character) => character === low, end };
  }
  const bare = pattern[end + 1] === "[" && pattern[end + 2] !== ".";
  const last: Member = bare ? { kind: "character", character: "[", end: end + 2 } : readMember(pattern, end + 1);
  if (last.kind !== "character") return last;
  return { kind: "class", accepts: (character) => isBetween(low, character, last.character), end: last.end };
}

function readMember(pattern: readonly string[], index: number): Member {
  const character = pattern[index];
  const next = pattern[index + 1];
  if (character === undefined) return { kind: "unterminated" };
  if (character === "\\") {
    return next === undefined ? { kind: "unterminated" } : { kind: "character", character: next, end: index + 2 };
  }
  if (character === "[" && (next === ":" || next === "." || next === "=")) return readNamed(pattern, index + 2, next);
  return { kind: "character", character, end: index + 1 };
}

/** `[:digit:]`, `[.x.]` or `[=x=]`, from after its two opening characters. */
function readNamed(pattern: readonly string[], start: number, mark: ":" | "." | "="): Member {
  let close = start;
  while (close < pattern.length && !(pattern[close] === mark && pattern[close + 1] === "]")) close += 1;
  if (close >= pattern.length) {
    return mark === ":" ? { kind: "character", character: "[", end: start - 1 } : { kind: "unterminated" };
  }
  const end = close + 2;
  const name = pattern.slice(start, close).join("");
  if (mark !== ":") {
    if (close !== start + 1) return { kind: "invalid", end };
    // Only a collating symbol can begin a range; behind an equivalence class a dash is a dash.
    if (mark === ".") return { kind: "character", character: name, end };
    return { kind: "class", accepts: (character) => character === name, end };
  }
  const members = classes.get(name);
  if (members === undefined) return { kind: "invalid", end };
  return { kind: "class", accepts: (character) => members.test(character), end };
}

function isBetween(first: string, character: string, last: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return (first.codePointAt(0) ?? 0) <= point && point <= (last.codePointAt(0) ?? 0);
}
