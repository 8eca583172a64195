/** Decides whether a package name or path matches the targets of a trigger, as libalpm does. */
import { compileBracket } from "./bracket.ts";

/**
 * Whether targets select a name. They are tried from the last to the first and the first hit decides: `!` in front makes it "no". A backslash in front is
 * dropped, so that `\!x` means a name that begins with `!`. No hit is "no".
 */
export function matchesTargets(targets: readonly string[], name: string): boolean {
  for (const target of targets.toReversed()) {
    const inverted = target.startsWith("!");
    const pattern = inverted || target.startsWith("\\") ? target.slice(1) : target;
    if (matchesPattern(pattern, name)) return !inverted;
  }
  return false;
}

type Element =
  | { readonly kind: "star" }
  | { readonly kind: "never" }
  | { readonly kind: "one"; readonly accepts: (character: string) => boolean };

/**
 * fnmatch(3) without flags: `*` and `?` also match slashes and leading dots, the whole name must match. Time grows with the product of both lengths
 * at worst: only the last star is ever tried again.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const elements = compile(Array.from(pattern));
  const characters = Array.from(name);
  let element = 0;
  let character = 0;
  let retry: { readonly element: number; character: number } | undefined;
  while (character < characters.length) {
    const current = elements[element];
    if (current?.kind === "star") {
      element += 1;
      retry = { element, character };
    } else if (current?.kind === "one" && current.accepts(characters[character] ?? "")) {
      element += 1;
      character += 1;
    } else if (retry !== undefined) {
      retry.character += 1;
      ({ element, character } = retry);
    } else {
      return false;
    }
  }
  return elements.slice(element).every(({ kind }) => kind === "star");
}

function compile(pattern: readonly string[]): readonly Element[] {
  const elements: Element[] = [];
  let index = 0;
  while (index < pattern.length) {
    const character = pattern[index] ?? "";
    index += 1;
    if (character === "*") {
      if (elements.at(-1)?.kind !== "star") elements.push({ kind: "star" });
    } else if (character === "?") {
      elements.push({ kind: "one", accepts: () => true });
    } else if (character === "[") {
      const bracket = compileBracket(pattern, index);
      if (bracket.kind === "bracket") index = bracket.end;
      elements.push(bracket.kind === "bracket" ? { kind: "one", accepts: bracket.accepts } : literal("["));
    } else if (character === "\\") {
      const escaped = pattern[index];
      elements.push(escaped === undefined ? { kind: "never" } : literal(escaped));
      index += 1;
    } else {
      elements.push(literal(character));
    }
  }
  return elements;
}

function literal(expected: string): Element {
  return { kind: "one", accepts: (character) => character === expected };
}
