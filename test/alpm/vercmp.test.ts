import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { vercmp } from "../../src/alpm/vercmp.ts";

/** Each row is in ascending order. */
const ascending: readonly (readonly string[])[] = [
  ["1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"],
  ["1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"],
  ["6.6.1.arch1-1", "6.6.1.arch1-2", "6.6.1.arch2-1", "6.6.2.arch1-1", "6.6.10.arch1-1", "6.10.arch1-1"],
  ["9", "10", "99999999999999999999", "100000000000000000000"],
  ["2.2.2-1", "2.2.2-1.1", "2.2.2-2", "2.2.2-10", "1:0.1-1", "2:0.1-1"],
  ["1.0", "1..0"],
  ["1.a", "1.1"],
  ["", "a"].toReversed(),
  ["", "1"],
  ["B", "a"],
];

const equal: readonly (readonly [string, string])[] = [
  ["1.0", "1.0-3"],
  ["1.0-1", "1.0"],
  ["01.002", "1.2"],
  ["0:1.0-1", "1.0-1"],
  [":1.0-1", "1.0-1"],
  ["1.0_1", "1.0.1"],
  ["1.0+", "1.0."],
];

for (const row of ascending) {
  test(`in ascending order: ${row.join(" < ")}`, () => {
    for (const [index, older] of row.entries()) {
      for (const newer of row.slice(index + 1)) {
        assert.ok(vercmp(older, newer) < 0, `${older} < ${newer}`);
        assert.ok(vercmp(newer, older) > 0, `${newer} > ${older}`);
      }
    }
  });
}

for (const [a, b] of equal) test(`${a} and ${b} are equal`, () => assert.is(vercmp(a, b), 0));

const piece = fc.constantFrom("0", "1", "2", "10", "007", "a", "b", "rc", "Z", ".", "..", "_", "+", "~", "é");
const segments = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const fullVersion = fc
  .tuple(fc.constantFrom("", "0:", "1:", ":"), segments, fc.constantFrom("1", "2", "1.1"))
  .map(([epoch, version, release]) => `${epoch}${version}-${release}`);

// Texts that begin with a delimiter are no versions, and libalpm has circles among them: + < 0 < _b < +.
const segment = fc.constantFrom("0", "1", "2", "10", "007", "a", "b", "rc", "Z", "1a", "a1");
const properVersion = fc
  .tuple(
    fc.constantFrom("", "0:", "1:"),
    segment,
    fc.array(fc.tuple(fc.constantFrom(".", "..", "_", "+", ""), segment), { maxLength: 4 }),
    fc.constantFrom("1", "2", "1.1"),
  )
  .map(([epoch, first, rest, release]) => `${epoch}${first}${rest.flat().join("")}-${release}`);

test("versions with a pkgrel are in a total order", () => {
  fc.assert(
    fc.property(properVersion, properVersion, properVersion, (a, b, c) => {
      assert.is(vercmp(a, a), 0);
      assert.is(Math.sign(vercmp(a, b)) + Math.sign(vercmp(b, a)), 0);
      const sorted = [a, b, c].toSorted(vercmp);
      const [first = "", , last = ""] = sorted;
      assert.ok(vercmp(first, last) <= 0, sorted.join(" "));
    }),
    { numRuns: 2000 },
  );
});

test("every comparison ends as pacman's own vercmp has it", () => {
  const version = fc.oneof(
    fullVersion,
    segments,
    fc.string({ unit: fc.constantFrom(..."019azA.-:_+~"), maxLength: 8 }),
  );
  const usable = version.filter((text) => !text.startsWith("-"));
  const pairs = fc.sample(fc.tuple(usable, usable), 600);
  const script = 'while [ $# -gt 0 ]; do vercmp "$1" "$2" || exit; shift 2; done';
  const child = spawnSync("sh", ["-c", script, "sh", ...pairs.flat()], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  assert.is(child.status, 0, `the program vercmp of pacman is needed: ${child.stderr}`);
  const answers = child.stdout.trim().split("\n").map(Number);
  assert.is(answers.length, pairs.length);
  for (const [index, [a, b]] of pairs.entries()) {
    assert.is(Math.sign(vercmp(a, b)), Math.sign(answers[index] ?? Number.NaN), `vercmp "${a}" "${b}"`);
  }
});

test.run();
