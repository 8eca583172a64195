import { test } from "uvu";
import * as assert from "uvu/assert";
import { pacmanShowsColours } from "../../../src/decide/hook/colours.ts";

for (const [line, isTerminal, expected] of [
  ["pacman -Syu", true, undefined],
  ["pacman -Syu --color always", false, true],
  ["pacman --color=never -Syu", true, false],
  ["pacman --color auto -Syu", true, true],
  ["pacman --color auto -Syu", false, false],
  ["pacman --color never --color always -Syu", false, true],
] as const) {
  test(`${line}${isTerminal ? " on a terminal" : ""}`, () =>
    assert.is(pacmanShowsColours(line.split(" "), { isTerminal }), expected));
}

test.run();
