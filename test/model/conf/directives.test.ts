/** What is made of an evaluated conf: one row or more for every directive, and one for every way to get it wrong. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpretDirectives, strictFindings } from "../../../src/model/conf/directives.ts";
import type { Directives } from "../../../src/model/conf/directives.ts";
import type { DirectiveName, Verdict } from "../../../src/model/conf/raw-conf.ts";
import { one, rawConf } from "../raw-confs.ts";
import type { Values } from "../raw-confs.ts";

type Verdicts = Partial<Record<DirectiveName, readonly Verdict[]>>;

function valid(values: Values, verdicts: Verdicts = {}): Directives {
  const { directives, errors } = interpretDirectives(rawConf({ ...one, ...values }, verdicts));
  assert.equal(errors, []);
  if (directives === undefined) throw new Error("There are no directives.");
  return directives;
}

const m = "matches";
const d = "differs";
type Row = readonly [key: keyof Directives, values: Values, expected: unknown, verdicts?: Verdicts];
const rows: readonly Row[] = [
  ["name", {}, "zfs"],
  ["version", { PACKAGE_VERSION: "2.2-rc1+x" }, "2.2-rc1+x"],
  ["make", {}, undefined],
  ["make", { MAKE: "make all" }, "make all"],
  ["make", { MAKE: "" }, undefined],
  ["make", { MAKE: ["a", "b"] }, "a"],
  ["make", { MAKE: ["a", "b"], MAKE_MATCH: ["", "x"] }, "b", { MAKE_MATCH: [m, m] }],
  ["make", { MAKE: ["a", "b"], MAKE_MATCH: ["", "x"] }, "a", { MAKE_MATCH: [m, d] }],
  ["make", { MAKE: ["a", "b", "c"], MAKE_MATCH: ["x", "x", "x"] }, "c", { MAKE_MATCH: [m, m, m] }],
  ["make", { MAKE: ["a", "b", "c"], MAKE_MATCH: ["x", "x", "x"] }, "b", { MAKE_MATCH: [m, m, d] }],
  ["make", { MAKE: "a", MAKE_MATCH: "x" }, undefined, { MAKE_MATCH: [d] }],
  ["make", { MAKE: "a", MAKE_MATCH: "(" }, undefined, { MAKE_MATCH: ["invalid"] }],
  ["make", { MAKE: [undefined, "b"] }, undefined],
  ["make", { MAKE: ["a", ""], MAKE_MATCH: ["", "x"] }, "a", { MAKE_MATCH: [m, m] }],
  ["patches", {}, []],
  ["patches", { PATCH: ["a", undefined, "c", "b"] }, ["a", "c", "b"]],
  ["patches", { PATCH: ["a", "b", "c"], PATCH_MATCH: ["x", "x"] }, ["a", "c"], { PATCH_MATCH: [m, d] }],
  ["patches", { PATCH: ["a", ""], PATCH_MATCH: ["", ""] }, ["a"], { PATCH_MATCH: [m, m] }],
  ["scripts", {}, {}],
  ["scripts", { POST_ADD: "a.sh" }, { "post-add": { path: "a.sh", words: "" } }],
  ["scripts", { PRE_BUILD: " sub/c.sh  -x *.c " }, { "pre-build": { path: "sub/c.sh", words: "-x *.c" } }],
  ["scripts", { POST_BUILD: "a b" }, { "post-build": { path: "a", words: "b" } }],
  ["scripts", { PRE_INSTALL: "a b" }, { "pre-install": { path: "a", words: "b" } }],
  ["scripts", { POST_INSTALL: "a b" }, { "post-install": { path: "a", words: "b" } }],
  ["scripts", { POST_REMOVE: "a b" }, { "post-remove": { path: "a", words: "b" } }],
  ["scripts", { POST_REMOVE: " " }, {}],
  ["buildDepends", { BUILD_DEPENDS: "spl" }, ["spl"]],
  ["buildDepends", { BUILD_DEPENDS: ["a", undefined, "b", "a"] }, ["a", "b"]],
  ["buildDepends", { BUILD_DEPENDS: "a b" }, ["a", "b"]],
  ["rebuild", {}, "no"],
  ["rebuild", { BUILD_DEPENDS_REBUILD: "YES" }, "yes"],
  ["rebuild", { BUILD_DEPENDS_REBUILD: "no" }, "no"],
  ["autoinstall", {}, "unset"],
  ["autoinstall", { AUTOINSTALL: "" }, "unset"],
  ["autoinstall", { AUTOINSTALL: "Yes" }, "yes"],
  ["autoinstall", { AUTOINSTALL: "NO" }, "no"],
  ["autoinstall", { AUTOINSTALL: [undefined, "yes"] }, "unset"],
];
for (const [key, values, expected, verdicts] of rows)
  test(`${key} of ${JSON.stringify(values)}`, () => assert.equal(valid(values, verdicts)[key], expected));

const invalid: readonly (readonly [values: Values, words: readonly string[]])[] = [
  [{ PACKAGE_NAME: "" }, ["PACKAGE_NAME is missing"]],
  [{ PACKAGE_VERSION: "" }, ["PACKAGE_VERSION is missing"]],
  [{ PACKAGE_NAME: "", PACKAGE_VERSION: "" }, ["PACKAGE_NAME is missing", "PACKAGE_VERSION is missing"]],
  [{ PACKAGE_NAME: "../etc" }, ['PACKAGE_NAME "../etc" contains a slash']],
  [{ PACKAGE_NAME: ".." }, ['PACKAGE_NAME ".."']],
  [{ PACKAGE_NAME: "-rf" }, ['PACKAGE_NAME "-rf" begins with a dash']],
  [{ PACKAGE_VERSION: "1/2" }, ['PACKAGE_VERSION "1/2"']],
  [{ PACKAGE_VERSION: "1\u001b[2J" }, ["control character"]],
  [{ PACKAGE_VERSION: "1".repeat(256) }, ["255 bytes"]],
  [{ AUTOINSTALL: "1" }, ['AUTOINSTALL is "1"']],
  [{ BUILD_DEPENDS_REBUILD: "true" }, ['BUILD_DEPENDS_REBUILD is "true"']],
  [{ NO_WEAK_MODULES: "maybe" }, ['NO_WEAK_MODULES is "maybe"']],
  [{ NO_WEAK_MODULES: "x", AUTOINSTALL: "y" }, ["AUTOINSTALL", "NO_WEAK_MODULES"]],
];
for (const [values, words] of invalid) {
  test(`refused: ${JSON.stringify(values).slice(0, 60)}`, () => {
    const { directives, errors } = interpretDirectives(rawConf({ ...one, ...values }));
    assert.is(directives, undefined);
    assert.is(errors.length, words.length, errors.join("\n"));
    for (const [index, word] of words.entries()) assert.match(errors[index] ?? "", word);
  });
}

test("a conf that gave nothing has one error, not a list of what is missing", () => {
  const problem = { kind: "exited", message: "dkms.conf ended the shell." } as const;
  assert.equal(interpretDirectives(rawConf({}, {}, [problem])).errors, [problem.message]);
  assert.is(interpretDirectives(rawConf({})).errors.length, 2);
});

test("an invalid conf is told with bash's own words, which name the line", () => {
  const stderr = "noise\n/x/dkms.conf: line 6: syntax error near unexpected token `then'\n";
  const problem = { kind: "syntax", message: "It has a syntax error." } as const;
  const line = "/x/dkms.conf: line 6: syntax error near unexpected token `then'";
  assert.equal(interpretDirectives({ ...rawConf({}, {}, [problem]), stderr }).errors, [problem.message, line]);
  assert.is(interpretDirectives({ ...rawConf({}), stderr }).errors.at(-1), line);
  assert.equal(interpretDirectives({ ...rawConf(one), stderr }).errors, []);
});

test("a problem of the evaluation is an error even when all directives are fine", () => {
  const problem = { kind: "syntax", message: "It has a syntax error." } as const;
  const { directives, errors } = interpretDirectives(rawConf(one, {}, [problem]));
  assert.is(directives, undefined);
  assert.equal(errors, [problem.message]);
});

test("warnings", () => {
  const values = { ...one, BUILD_DEPENDS: "a b", MAKE: "x", MAKE_MATCH: "(" };
  const { warnings } = interpretDirectives(rawConf(values, { MAKE_MATCH: ["invalid"] }));
  assert.is(warnings.length, 2);
  assert.match(warnings[0] ?? "", 'MAKE_MATCH[0] "("');
  assert.match(warnings[1] ?? "", 'BUILD_DEPENDS[0] "a b"');
});

const deprecated: readonly (readonly [values: Values, expected: readonly string[]])[] = [
  [{}, []],
  [{ CLEAN: "make clean" }, ["CLEAN"]],
  [{ CLEAN: "true" }, []],
  [{ CLEAN: "/bin/true" }, []],
  [{ CLEAN: "/usr/bin/true" }, []],
  [{ CLEAN: "", REMAKE_INITRD: "" }, []],
  [
    {
      MODULES_CONF_OBSOLETE_ONLY: "x",
      MODULES_CONF_ALIAS_TYPE: ["x"],
      MODULES_CONF_OBSOLETES: [undefined, "x"],
      MODULES_CONF: ["x"],
      REMAKE_INITRD: "no",
      CLEAN: "x",
    },
    [
      "CLEAN",
      "REMAKE_INITRD",
      "MODULES_CONF",
      "MODULES_CONF_OBSOLETES",
      "MODULES_CONF_ALIAS_TYPE",
      "MODULES_CONF_OBSOLETE_ONLY",
    ],
  ],
  [{ OBSOLETE_BY: "5.6" }, ["OBSOLETE_BY (use BUILD_EXCLUSIVE_KERNEL_MAX)"]],
];
for (const [values, expected] of deprecated) {
  test(`deprecated: ${JSON.stringify(values)}`, () =>
    assert.equal(interpretDirectives(rawConf({ ...one, ...values })).deprecated, expected));
}

test("strict reads refuse names that occur twice", () => {
  const twice = valid({ BUILT_MODULE_NAME: ["a", "b", "a"], DEST_MODULE_LOCATION: ["/extra", "/extra", "/extra"] });
  const { errors } = strictFindings(twice);
  assert.is(errors.length, 2);
  assert.match(errors[0] ?? "", "BUILT_MODULE_NAME[2]");
  assert.match(errors[1] ?? "", "DEST_MODULE_NAME[2]");
  const apart = valid({
    BUILT_MODULE_NAME: ["a", "a"],
    BUILT_MODULE_LOCATION: ["x", "y"],
    DEST_MODULE_NAME: ["a", "b"],
    DEST_MODULE_LOCATION: ["/extra", "/extra"],
  });
  assert.equal(strictFindings(apart), { errors: [], warnings: [] });
});

test("strict reads warn of a conf without objects", () => {
  const none = interpretDirectives(rawConf({ PACKAGE_NAME: "a", PACKAGE_VERSION: "1" })).directives;
  assert.ok(none);
  assert.is(none && strictFindings(none).warnings.length, 1);
});

test.run();
