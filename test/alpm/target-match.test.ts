import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { matchesPattern, matchesTargets } from "../../src/alpm/target-match.ts";
import { scratchPacman } from "./pacman.ts";
import { processorMilliseconds } from "../processor-time.ts";

const rows: readonly (readonly [pattern: string, name: string, matches: boolean])[] = [
  ["usr/src/*/dkms.conf", "usr/src/zfs-2.2/dkms.conf", true],
  ["usr/src/*/dkms.conf", "usr/src/zfs-2.2/sub/dkms.conf", true],
  ["usr/src/*/dkms.conf", "usr/src/dkms.conf", false],
  ["usr/src/*", "usr/src/", true],
  ["usr/lib/modules/*/?*", "usr/lib/modules/6.6/", false],
  ["/usr/src/*", "usr/src/x", false],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["?", "é", true],
  ["?", "\u{1f40d}", true],
  ["?", "/", true],
  ["*", ".hidden", true],
  ["a*b*c", "aXbXbXc", true],
  ["a*b*c", "aXbXbXcd", false],
  ["**a**", "a", true],
  ["[abc]", "b", true],
  ["[!abc]", "b", false],
  ["[!abc]", "/", true],
  ["[^abc]", "d", true],
  ["[a-c]x", "bx", true],
  ["[c-a]", "b", false],
  ["[]a]", "]", true],
  ["[!]a]", "]", false],
  ["[a-]", "-", true],
  ["[[:digit:]_]", "_", true],
  ["[[:digit:]]*", "6.6", true],
  ["[![:digit:]]", "6", false],
  ["[[:nonsense:]]", "a", false],
  ["[\\]]", "]", true],
  ["[[=a=]-[]", "-", true],
  ["[[.a.]-c]", "b", true],
  ["[", "[", true],
  ["[a", "[a", true],
  ["[a", "a", false],
  ["\\*", "*", true],
  ["\\*", "x", false],
  ["a\\", "a", false],
  ["a\\", "a\\", false],
];

for (const [pattern, name, matches] of rows) {
  test(`${pattern} ${matches ? "matches" : "does not match"} ${JSON.stringify(name)}`, () => {
    assert.is(matchesPattern(pattern, name), matches);
  });
}

const lists: readonly (readonly [targets: readonly string[], name: string, matches: boolean])[] = [
  [["!usr/src/*", "usr/src/*/dkms.conf"], "usr/src/x/dkms.conf", true],
  [["usr/src/*/dkms.conf", "!usr/src/*"], "usr/src/x/dkms.conf", false],
  [["!linux"], "zfs-dkms", false],
  [["\\!linux"], "!linux", true],
  [["\\*"], "anything", true],
  [["!"], "", false],
  [[], "linux", false],
];

for (const [targets, name, matches] of lists) {
  test(`targets ${targets.join(", ")} ${matches ? "select" : "leave"} ${JSON.stringify(name)}`, () => {
    assert.is(matchesTargets(targets, name), matches);
  });
}

test("a hostile pattern costs milliseconds", () => {
  const started = processorMilliseconds();
  assert.not.ok(matchesPattern(`${"a*".repeat(2000)}b`, "a".repeat(4000)));
  assert.not.ok(matchesPattern(`${"*a".repeat(2000)}b`, "a".repeat(4096)));
  // Whoever tries every way needs longer than anybody can wait; this is a thousand times what it takes.
  assert.ok(processorMilliseconds() - started < 60_000);
});

/** A hook that writes its number and each of its targets to `/out`. */
function numberedHook(targets: readonly string[], index: number): string {
  return [
    "[Trigger]\nOperation = Upgrade\nType = Path",
    ...targets.map((one) => `Target = ${one}`),
    "[Action]\nWhen = PostTransaction\nNeedsTargets",
    `Exec = /bin/sh -c 'while read -r path; do echo "${index} $path" >>/out; done'\n`,
  ].join("\n");
}

test("generated targets select the paths that pacman hands to the hook", () => {
  const paths = ["a", "a/", "a/b", "a/b/", "a/.c", "[", "]", "-", "!", "\\", "b-", "6", "_x", "B/", "a*", "e]"].map(
    (path) => `x/${path}`,
  );
  const owned = ["x/", ...paths.filter((path) => !paths.includes(`${path}/`))];
  const piece = fc.constantFrom(
    ..."ab6*?[]!-\\/^x",
    ...[
      "x/",
      "x/",
      "x/*",
      "[!a]",
      "[a-c]",
      "[]",
      "[[:alpha:]]",
      "[[:x:]]",
      "[^",
      "[=a=]",
      "[[.-.]]",
      "[[=b=]]",
      "[=a=]",
      "[.b.]",
      "[:alpha:]",
      "-[",
    ],
  );
  const target = fc
    .tuple(fc.constantFrom("", "", "", "!", "\\"), fc.array(piece, { maxLength: 6 }))
    .map(([start, pieces]) => `${start}x/${pieces.join("")}`)
    // POSIX leaves open what a class at the end of a range means, and glibc reads it in two ways.
    .filter((text) => !/-\[[:=]/.test(text));
  const hooks = fc.sample(fc.array(target, { minLength: 1, maxLength: 3 }), 400);
  const pacman = scratchPacman(owned);
  try {
    const { written, output } = pacman.transaction(
      new Map(hooks.map((targets, index) => [`${index}.hook`, numberedHook(targets, index)])),
    );
    const selected = hooks.flatMap((targets, index) =>
      owned.filter((path) => matchesTargets(targets, path)).map((path) => `${index} ${path}`),
    );
    const told = written.split("\n").filter((line) => line !== "");
    assert.ok(told.length > 100, output);
    const differing = (from: readonly string[], other: readonly string[]): readonly string[] =>
      from
        .filter((line) => !other.includes(line))
        .map((line) => `${line} of ${hooks[Number.parseInt(line, 10)]?.join("  ")}`);
    assert.equal(differing(selected, told), [], "only we select these");
    assert.equal(differing(told, selected), [], "only pacman selects these");
  } finally {
    pacman.dispose();
  }
});

test.run();
