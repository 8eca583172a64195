/** The marks at the beginning of lines in the colours that makepkg gives them, where a person looks on. */
import { fstatSync } from "node:fs";

// As makepkg writes them. `styleText` of node:util ends a part by other codes, and on Node 20 it
// opens process.stdout, which loads the network.
const reset = "\u001b[0m";
const bold = "\u001b[1m";

/** Marks by how a line begins, the longest first: red, yellow, green and blue. */
const marks = [
  ["==> ERROR:", "\u001b[31m"],
  ["==> WARNING:", "\u001b[33m"],
  ["==>", "\u001b[32m"],
  ["  ->", "\u001b[34m"],
] as const;

const tones = { bold, dim: "\u001b[2m", red: "\u001b[31m", green: "\u001b[32m" } as const;

/** A text in a colour, where the descriptor is a terminal that shows colours. */
export function paint(text: string, tone: keyof typeof tones | undefined, descriptor: number): string {
  return tone === undefined || !areWanted(descriptor) ? text : `${tones[tone]}${text}${reset}`;
}

const wanted = new Map<number, boolean>();

/** The line as it is for a descriptor: in colours only where that is a terminal, NO_COLOR (no-color.org) is not set and TERM is not `dumb`. */
export function coloured(line: string, descriptor: number): string {
  const found = marks.find(([mark]) => line.startsWith(mark));
  if (found === undefined || !areWanted(descriptor)) return line;
  const [mark, colour] = found;
  return `${bold}${colour}${mark}${reset}${line.slice(mark.length)}`;
}

let areAllowed = false;

/** Colours are shown as on a terminal: who passes the lines on has one. NO_COLOR and TERM count all the same. */
export function allowColours(): void {
  areAllowed = true;
  wanted.clear();
}

function areWanted(descriptor: number): boolean {
  const known = wanted.get(descriptor);
  if (known !== undefined) return known;
  const { NO_COLOR } = process.env;
  const answer = (NO_COLOR ?? "") === "" && knowsSequences() && (areAllowed || isTerminal(descriptor));
  wanted.set(descriptor, answer);
  return answer;
}

/** Whether the terminal understands escape sequences, as TERM tells: a shell in Emacs does not. */
export function knowsSequences(): boolean {
  const { TERM } = process.env;
  return TERM !== undefined && TERM !== "" && TERM !== "dumb";
}

/** By the numbers of the device, since Node's own `isatty` loads all of its network with it. Linux: consoles are 4 and 5, pseudo-terminals 136 to 143. */
export function isTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    const major = (found.rdev >> 8) & 0xfff;
    return found.isCharacterDevice() && (major === 4 || major === 5 || (major >= 136 && major <= 143));
  } catch {
    return false;
  }
}

/** Whether a person sees both streams, and no program reads either. */
export function isForPerson(): boolean {
  return isTerminal(1) && isTerminal(2);
}
