/** What can happen at a call that changes a file, as fault.c knows it. */

/** Kinds of calls: those that make a name, fill a file, change or remove a name, change what is told of a file. */
const callKinds = { make: 1, fill: 2, name: 4, keep: 8 } as const;

export interface Fault {
  readonly name: "killed" | "ENOSPC" | "EIO" | "EROFS" | "EACCES";
  /** The system's number of the error; 0: the process is killed. */
  readonly error: number;
  /** What our words for it have. */
  readonly words: RegExp;
  /** `from there on`: every later call of these kinds fails as well, as with a disk that is full. */
  readonly extent: "once" | "from there on";
  /** The letters of the kinds of calls that it can happen to, as the log of fault.c has them. */
  readonly kinds: string;
}

export const faults: readonly [Fault, ...Fault[]] = [
  { name: "killed", error: 0, words: /(?:)/, extent: "once", kinds: "mfnk" },
  { name: "ENOSPC", error: 28, words: /no space left|no space is left/i, extent: "from there on", kinds: "mf" },
  { name: "EIO", error: 5, words: /input\/output error/i, extent: "once", kinds: "mfnk" },
  { name: "EROFS", error: 30, words: /read-only/i, extent: "from there on", kinds: "mfnk" },
  { name: "EACCES", error: 13, words: /permission denied/i, extent: "once", kinds: "mn" },
];

/** The bits of `enum kind` in fault.c for some letters. */
export function kindBits(letters: string): number {
  return Object.entries(callKinds).reduce(
    (bits, [name, bit]) => (letters.includes(name[0] ?? "") ? bits | bit : bits),
    0,
  );
}
