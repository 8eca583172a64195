import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { trimBlanks, wordsplit } from "../../src/alpm/wordsplit.ts";

const rows: readonly (readonly [text: string, words: readonly string[]])[] = [
  ["/bin/true", ["/bin/true"]],
  ["", []],
  [" \t\v ", []],
  ["  a \t b\fc ", ["a", "b", "c"]],
  [`a"b c"d`, ["ab cd"]],
  [`'a b'"c d"`, ["a bc d"]],
  [`""`, [""]],
  [`a '' b`, ["a", "", "b"]],
  [`"it's"`, ["it's"]],
  [`'say "x"'`, [`say "x"`]],
  [`\\'`, ["'"]],
  [`\\"a b\\"`, [`"a`, `b"`]],
  [`'it\\'s'`, ["it's"]],
  [`'a\\"b'`, [`a\\"b`]],
  [`a\\ b`, ["a\\", "b"]],
  [`\\n \\\\`, ["\\n", "\\\\"]],
  [`$HOME *;|>`, ["$HOME", "*;|>"]],
  [`/bin/sh -c 'while read -r x; do echo "$x"; done'`, ["/bin/sh", "-c", `while read -r x; do echo "$x"; done`]],
  ["a\u00a0b", ["a\u00a0b"]],
  ["a\\", ["a\\"]],
];

for (const [text, words] of rows) {
  test(`splits ${JSON.stringify(text)}`, () => assert.equal(wordsplit(text), { kind: "words", words }));
}

const unbalanced: readonly (readonly [text: string, quote: string, at: number])[] = [
  ["'", "'", 0],
  [`a "b`, `"`, 2],
  [`don't`, "'", 3],
  [`'a\\'`, "'", 0],
  [`"a' b`, `"`, 0],
];

for (const [text, quote, at] of unbalanced) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(wordsplit(text), { kind: "unbalanced", quote, at }));
}

const quote = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

test("any words survive quoting", () => {
  // No backslashes: before a quote one cannot be written.
  const word = fc.string({ unit: fc.constantFrom(..."ab c'\"$\t") });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      assert.equal(wordsplit(words.map(quote).join(" ")), { kind: "words", words });
    }),
  );
});

test("only C's blanks are trimmed", () =>
  assert.is(trimBlanks(" \t\r\n\v\f\ufeff\u00a0x\u00a0 "), "\ufeff\u00a0x\u00a0"));

test.run();
