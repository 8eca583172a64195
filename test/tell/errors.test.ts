/** What text of strangers looks like when it is told. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DkmsError } from "../../src/model/errors.ts";
import { errorLines } from "../../src/tell/errors.ts";

for (const [what, text, told] of [
  ["a title of the terminal", "a\u001b]0;b\u0007c", "a?]0;b?c"],
  ["a sequence in one character", "a\u009b31mb", "a?31mb"],
  ["the way back on the line", "a\rb", "a?b"],
  ["text that is read from right to left", "a\u202eb\u2066c\u200fd", "a?b?c?d"],
  ["line breaks that are none to us", "a\u2028b\u2029c", "a?b?c"],
  ["other languages", "größer 日本 עברית", "größer 日本 עברית"],
] as const) {
  test(`an error with ${what}`, () => {
    const error = new DkmsError("file-failed", text, { excerpt: [text], hint: text });
    assert.equal(errorLines(error), [told, `    ${told}`, told]);
  });
}

test.run();
