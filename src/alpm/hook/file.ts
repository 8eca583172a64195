/** The lines of a hook file as pacman splits and reads them, kept so that the text comes back byte by byte. */
import { trimBlanks } from "../wordsplit.ts";

/** What pacman takes a line for. A key before any section has no section, a line without `=` no value. */
type LineMeaning =
  | { readonly kind: "nothing" }
  | { readonly kind: "section"; readonly name: string }
  | {
      readonly kind: "entry";
      readonly section: string | undefined;
      readonly key: string;
      readonly value: string | undefined;
    };

/** One line as pacman counts them. */
export interface HookLine {
  /** 1 is the first. Behind a line that is longer than pacman's buffer, numbers are one ahead of an editor's. */
  readonly number: number;
  /** The text without its end. */
  readonly text: string;
  /** `\n`, `\r\n`, or nothing where the file ends or pacman cuts a line that is too long. */
  readonly end: string;
  readonly meaning: LineMeaning;
}

/** A hook file. */
export interface HookFile {
  readonly lines: readonly HookLine[];
}

/** Bytes of a line that pacman reads at once (PATH_MAX less one); what is beyond becomes a line of its own. */
export const longestLine = 4095;

/** Splits a hook file into lines and says what each is for pacman. Never fails: what is wrong with it, `hook.ts` says. */
export function parseHookFile(text: string): HookFile {
  const lines: HookLine[] = [];
  let section: string | undefined;
  for (const { line, end } of pieces(text)) {
    const meaning = lineMeaning(line, section);
    if (meaning.kind === "section") section = meaning.name;
    lines.push({ number: lines.length + 1, text: line, end, meaning });
  }
  return { lines };
}

/** The text of a hook file: what was parsed, unless lines were put in or taken out. */
export function printHookFile(file: HookFile): string {
  return file.lines.map(({ text, end }) => text + end).join("");
}

function lineMeaning(line: string, section: string | undefined): LineMeaning {
  const nul = line.indexOf("\0");
  const text = trimBlanks(nul < 0 ? line : line.slice(0, nul));
  if (text === "" || text.startsWith("#")) return { kind: "nothing" };
  if (text.startsWith("[") && text.endsWith("]")) return { kind: "section", name: text.slice(1, -1) };
  const equals = text.indexOf("=");
  if (equals < 0) return { kind: "entry", section, key: text, value: undefined };
  return { kind: "entry", section, key: trimBlanks(text.slice(0, equals)), value: trimBlanks(text.slice(equals + 1)) };
}

interface Piece {
  readonly line: string;
  readonly end: string;
}

function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  for (const [whole] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    const end = /\r?\n$/.exec(whole)?.[0] ?? "";
    found.push(...shortened({ line: whole.slice(0, whole.length - end.length), end }));
  }
  return found;
}

/** A line in pieces that fit into pacman's buffer; its line feed counts. */
function shortened(piece: Piece): readonly Piece[] {
  if (piece.line.length * 3 + 2 <= longestLine) return [piece];
  const bytes = Buffer.from(piece.line + piece.end);
  if (bytes.length <= longestLine) return [piece];
  const found: Piece[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(start + longestLine, bytes.length);
    // Never inside a character: the text must come back, and pacman sees no difference but in the bytes of names.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    found.push({ line: bytes.toString("utf8", start, end), end: "" });
    start = end;
  }
  const last = found.pop();
  if (last !== undefined) found.push(withEnd(last.line, piece.end));
  return found;
}

/** Takes the line's end off the last piece, which may have got only a part of it. */
function withEnd(text: string, end: string): Piece {
  if (text.endsWith(end)) return { line: text.slice(0, text.length - end.length), end };
  return { line: "", end: text };
}
