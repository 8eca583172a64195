/** The options that programs share: where they make sense they are there, with the same letter and the same words; nowhere else do they mean another thing. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programs } from "../../../scripts/generate/programs.ts";
import { dkmsCommands, dkmsProgram } from "../../../src/cli/dkms/commands.ts";

/** `-q`, `-n`, `-v` of each program; what is missing has no meaning there. */
const rows: readonly (readonly [program: string, options: string])[] = [
  // -v is the version of a module, as with the reference: --verbose is there.
  ["dkms", "q n"],
  ["dkms-hookgen", "q n v"],
  ["dkms-pkgbuild", "q n v"],
  ["dkms-guard", "q n v"],
  ["dkms-install", "q n v"],
  ["dkms-remove", "q n v"],
  ["dkms-initramfs", "q n v"],
  // It prints all that it knows.
  ["dkms-report", "q n"],
];

const names = { q: "quiet", n: "dry-run", v: "verbose", h: "help", V: "version" } as const;

test("every program has a row", () => {
  assert.equal(
    rows.map(([name]) => name),
    programs.map(({ name }) => name),
  );
});

for (const program of programs) {
  const letters = rows.find(([name]) => name === program.name)?.[1].split(" ") ?? [];
  test(`${program.name} has -${letters.join(", -")}, -h and -V`, () => {
    const shared = Object.entries(names).filter(([letter]) => "hV".includes(letter) || letters.includes(letter));
    for (const [letter, name] of shared) {
      const row = program.options.find(({ short }) => short === letter);
      // `dkms-pkgbuild new` has a --version of its own.
      assert.is(row?.name, program.name === "dkms-pkgbuild" && letter === "V" ? "V" : name);
      assert.is(row?.argument, undefined);
    }
    for (const letter of ["q", "n", "v"].filter((one) => !letters.includes(one))) {
      const row = program.options.find(({ short }) => short === letter);
      assert.ok(row === undefined || row.argument !== undefined, letter);
    }
  });
}

test("the same option has the same words", () => {
  const words = (name: string): readonly string[] => [
    ...new Set(
      programs.flatMap(
        ({ options }) => options.find((one) => one.name === name && !("argument" in one))?.description ?? [],
      ),
    ),
  ];
  assert.equal(words("help"), ["print this help"]);
  assert.equal(words("version"), ["print the version"]);
  assert.equal(words("quiet"), [
    "print nothing, as the reference: the exit status is the answer",
    "print errors only",
    "print errors and warnings only",
  ]);
  for (const text of words("dry-run")) assert.match(text, /\bprint\b.*, (?:change|write|build|keep and send) nothing$/);
});

/** What changes something can be asked what it would do, and what changes nothing does not have the option. */
const readers = "status check report log why help notify".split(" ");

for (const { name, options } of dkmsCommands) {
  test(`dkms ${name} ${readers.includes(name) ? "has no --dry-run" : "has --dry-run"}`, () => {
    const has = options?.includes("dry-run") ?? dkmsProgram.options.some((option) => option.name === "dry-run");
    assert.is(has && name !== "notify", !readers.includes(name));
    if (options !== undefined && name !== "help") assert.ok(options.includes("quiet"), "--quiet");
  });
}

test.run();
