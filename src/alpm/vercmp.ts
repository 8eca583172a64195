/** Compares package versions as libalpm does: `epoch:pkgver-pkgrel`, see vercmp(8) and alpm-pkgver(7). */

/**
 * Orders two package versions: negative when `a` is older, 0 when neither is newer, positive when `a` is newer.
 * `1.0` and `1.0-2` are equal, since a missing pkgrel matches every pkgrel: an order is total only where all or none have one.
 */
export function vercmp(a: string, b: string): number {
  if (a === b) return 0;
  const left = parseVersion(bytes(a));
  const right = parseVersion(bytes(b));
  const order = compareSegments(left.epoch, right.epoch) || compareSegments(left.version, right.version);
  if (order !== 0 || left.release === undefined || right.release === undefined) return order;
  return compareSegments(left.release, right.release);
}

interface ParsedVersion {
  readonly epoch: string;
  readonly version: string;
  readonly release: string | undefined;
}

/** A version as libalpm compares it: one character for each byte, so that no locale has a say. */
function bytes(text: string): string {
  const end = text.indexOf("\0");
  const visible = end < 0 ? text : text.slice(0, end);
  return /^[\u0001-\u007f]*$/.test(visible) ? visible : Buffer.from(visible).toString("latin1");
}

/** The last dash begins the pkgrel; digits before the first character that is none are the epoch, if that character is a colon. */
function parseVersion(text: string): ParsedVersion {
  const epochEnd = /^[0-9]*/.exec(text)?.[0].length ?? 0;
  const hasEpoch = text[epochEnd] === ":";
  const rest = hasEpoch ? text.slice(epochEnd + 1) : text;
  const dash = rest.lastIndexOf("-");
  return {
    epoch: hasEpoch && epochEnd > 0 ? text.slice(0, epochEnd) : "0",
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? undefined : rest.slice(dash + 1),
  };
}

/** rpm's comparison with one addition of libalpm: the number of delimiters between two segments counts, whichever they are. */
function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  let left = 0;
  let right = 0;
  while (left < a.length && right < b.length) {
    const leftStart = skipDelimiters(a, left);
    const rightStart = skipDelimiters(b, right);
    if (leftStart === a.length || rightStart === b.length) return compareRests(a.slice(leftStart), b.slice(rightStart));
    const delimiters = leftStart - left - (rightStart - right);
    if (delimiters !== 0) return Math.sign(delimiters);
    const kind = isDigit(a[leftStart]) ? isDigit : isLetter;
    left = skip(a, leftStart, kind);
    right = skip(b, rightStart, kind);
    // The other text goes on with a segment of the other kind: numbers are newer than letters.
    if (right === rightStart) return kind === isDigit ? 1 : -1;
    const order = compareSegment(a.slice(leftStart, left), b.slice(rightStart, right), kind);
    if (order !== 0) return order;
  }
  return compareRests(a.slice(left), b.slice(right));
}

/** Two segments of one kind: numbers by their value, however long they are; letters by their bytes. */
function compareSegment(a: string, b: string, kind: typeof isDigit): number {
  if (kind === isLetter) return a === b ? 0 : a < b ? -1 : 1;
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return left === right ? 0 : left < right ? -1 : 1;
}

/** What is left when one text has ended: a rest that begins with a letter is older than none (`1.0rc` < `1.0`), any other is newer. */
function compareRests(a: string, b: string): number {
  if (a === "" && b === "") return 0;
  if ((a === "" && !isLetter(b[0])) || isLetter(a[0])) return -1;
  return 1;
}

function skipDelimiters(text: string, from: number): number {
  return skip(text, from, (character) => !isDigit(character) && !isLetter(character));
}

function skip(text: string, from: number, kind: typeof isDigit): number {
  let index = from;
  while (index < text.length && kind(text[index])) index += 1;
  return index;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && ((character >= "a" && character <= "z") || (character >= "A" && character <= "Z"));
}
