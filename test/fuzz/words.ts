/** Words that nobody should have to read: names, paths and texts as an enemy or a broken disk would make them. */
import * as fc from "fast-check";

/** Runs a command when a shell gets to see it; nothing may ever make this file. */
export const canary = "/canary";

/** A file that no run has any business with. */
export const victim = "/victim/file";

const traps = [
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `;touch ${canary};`,
  `x|touch ${canary}`,
  `x\ntouch ${canary}\n`,
  `'; touch ${canary}; '`,
  `"; touch ${canary}; "`,
  "..",
  ".",
  "../../victim",
  "../../../../victim/file",
  "/victim",
  victim,
  "-rf",
  "--help",
  "-",
  "",
  " ",
  " x ",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u0000",
  "a\u0000b",
  "*",
  "{a,b}",
  "~",
  "%s%n",
  "$HOME",
  "\\",
  "'",
  '"',
  "#",
  "é\u0301",
  "\ud800",
  "\u202egnp.ko",
  "\u0085",
  "x".repeat(255),
  "x".repeat(256),
  "x".repeat(5000),
  "original_module",
  "kernel-6.1.0-test-x86_64",
  "source",
  "build",
  "__proto__",
  "constructor",
  "toString",
];

const usual = ["good", "1", "2.0", "tiny", "6.1.0-test", "x86_64", "module", "log", "dkms.conf", "make.log"];

/** One word: usual, a trap, or noise. */
export const word: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...usual) },
  { weight: 4, arbitrary: fc.constantFrom(...traps) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...usual), fc.constantFrom(...traps)).map((two) => two.join("")) },
);

/** What can be the name of one file: a word without slashes and NUL, of at most 255 bytes, and neither `.` nor `..`. */
export const fileName: fc.Arbitrary<string> = word
  .map((text) => Buffer.from(text.replaceAll(/[/\0]/g, "_")).subarray(0, 200).toString())
  .filter((text) => text !== "" && text !== "." && text !== "..");

/** Words with slashes between them. */
export const path: fc.Arbitrary<string> = fc
  .array(word, { minLength: 1, maxLength: 6 })
  .map((words) => words.join("/"));
