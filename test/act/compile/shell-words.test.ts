/** Words of shell texts. */
import * as fc from "fast-check";
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { shellQuote, simpleCommands } from "../../../src/act/compile/shell-words.ts";

const rows: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ["", []],
  ["make -j4  all", [["make", "-j4", "all"]]],
  ["a && b || c; d | e", [["a"], ["b"], ["c"], ["d"], ["e"]]],
  [`A='x y' make "b $(c "d e") f" g\\ h`, [["A='x y'", "make", `"b $(c "d e") f"`, "g\\ h"]]],
  ["make -j`nproc --all` x", [["make", "-j`nproc --all`", "x"]]],
  ["make -j$(expr 1 + (2)) x", [["make", "-j$(expr 1 + (2))", "x"]]],
  [`say "it's" done`, [["say", `"it's"`, "done"]]],
  ["open 'never closed", [["open", "'never closed"]]],
];

for (const [text, commands] of rows) {
  test(JSON.stringify(text), () =>
    assert.equal(
      simpleCommands(text).map((words) => words.map((word) => word.text)),
      commands,
    ),
  );
}

test("every text can be looked at, and words lie where they say", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."a -j4'\"`$()\\;&|\n") }), (text) => {
      for (const word of simpleCommands(text).flat()) assert.is(text.slice(word.start, word.end), word.text);
    }),
  );
});

test("bash takes a quoted word as it is", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("\0")),
      (word) => {
        const { stdout } = spawnSync("bash", ["-c", `printf %s ${shellQuote(word)}`], { encoding: "utf8" });
        assert.is(stdout, word);
      },
    ),
    { numRuns: 20 },
  );
});

test.run();
