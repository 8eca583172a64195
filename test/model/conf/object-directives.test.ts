/** The kernel objects of a conf: defaults, numbers, and what cannot be. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readObjects } from "../../../src/model/conf/object-directives.ts";
import type { ObjectDirectives } from "../../../src/model/conf/object-directives.ts";
import { rawConf } from "../raw-confs.ts";
import type { Values } from "../raw-confs.ts";

const extra = ["/extra", "/extra", "/extra"];

type Row = readonly [values: Values, key: keyof ObjectDirectives, expected: readonly unknown[]];
const rows: readonly Row[] = [
  [{}, "builtName", []],
  [{ DEST_MODULE_LOCATION: "/extra" }, "builtName", ["pkg"]],
  [{ DEST_MODULE_LOCATION: ["/extra"] }, "destName", ["pkg"]],
  [{ BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_LOCATION: extra.slice(1) }, "builtName", ["a", "b"]],
  [{ BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_LOCATION: extra.slice(1) }, "destName", ["a", "b"]],
  [
    { BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_NAME: [undefined, "c"], DEST_MODULE_LOCATION: extra.slice(1) },
    "destName",
    ["a", "c"],
  ],
  [{ DEST_MODULE_NAME: "x", DEST_MODULE_LOCATION: "/kernel/fs" }, "destLocation", ["/kernel/fs"]],
  [{ DEST_MODULE_LOCATION: "/kernel/../misc/" }, "destLocation", ["/kernel/../misc/"]],
  [{ DEST_MODULE_LOCATION: "/updates" }, "builtLocation", [""]],
  [{ BUILT_MODULE_LOCATION: "src", DEST_MODULE_LOCATION: "/extra" }, "builtLocation", ["src/"]],
  [{ BUILT_MODULE_LOCATION: "src/a/", DEST_MODULE_LOCATION: "/extra" }, "builtLocation", ["src/a/"]],
  [{ BUILT_MODULE_NAME: "sub/a", DEST_MODULE_NAME: "a", DEST_MODULE_LOCATION: "/extra" }, "builtName", ["sub/a"]],
  [{ DEST_MODULE_LOCATION: "/extra" }, "strip", [true]],
  [{ STRIP: "no", DEST_MODULE_LOCATION: "/extra" }, "strip", [false]],
  [{ STRIP: "Never", DEST_MODULE_LOCATION: "/extra" }, "strip", [false]],
  [{ STRIP: "yes", DEST_MODULE_LOCATION: "/extra" }, "strip", [true]],
  [{ STRIP: ["no"], BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_LOCATION: extra.slice(1) }, "strip", [false, false]],
  [
    { STRIP: ["no", "yes"], BUILT_MODULE_NAME: ["a", "b", "c"], DEST_MODULE_LOCATION: extra },
    "strip",
    [false, true, false],
  ],
];
for (const [values, key, expected] of rows) {
  test(`${key} of ${JSON.stringify(values)}`, () => {
    const { objects, errors } = readObjects(rawConf(values), "pkg");
    assert.equal(errors, []);
    assert.equal(
      objects.map((object) => object[key]),
      expected,
    );
  });
}

const invalid: readonly (readonly [values: Values, words: readonly string[]])[] = [
  [{ BUILT_MODULE_NAME: [undefined, "b"], DEST_MODULE_LOCATION: extra.slice(1) }, ["BUILT_MODULE_NAME[0] is missing"]],
  [
    { BUILT_MODULE_NAME: ["a", undefined, "c"], DEST_MODULE_LOCATION: ["/extra", undefined, "/extra"] },
    ["BUILT_MODULE_NAME[1]", "DEST_MODULE_LOCATION[1]"],
  ],
  [{ BUILT_MODULE_NAME: ["a", "b"], DEST_MODULE_LOCATION: ["/extra"] }, ["DEST_MODULE_LOCATION[1] is missing"]],
  [{ BUILT_MODULE_NAME: ["a"], DEST_MODULE_LOCATION: ["/extra", "/extra"] }, ["BUILT_MODULE_NAME[1] is missing"]],
  [
    { BUILT_MODULE_NAME: "a.ko", DEST_MODULE_NAME: "a", DEST_MODULE_LOCATION: "/extra" },
    ['BUILT_MODULE_NAME[0] "a.ko"'],
  ],
  [{ BUILT_MODULE_NAME: "a.o", DEST_MODULE_NAME: "a", DEST_MODULE_LOCATION: "/extra" }, ['BUILT_MODULE_NAME[0] "a.o"']],
  [{ DEST_MODULE_NAME: "a.ko", DEST_MODULE_LOCATION: "/extra" }, ['DEST_MODULE_NAME[0] "a.ko"']],
  [{ DEST_MODULE_NAME: "a.o", DEST_MODULE_LOCATION: "/extra" }, ['DEST_MODULE_NAME[0] "a.o"']],
  [{ BUILT_MODULE_NAME: "a" }, ["DEST_MODULE_LOCATION[0] is missing"]],
  [
    { DEST_MODULE_LOCATION: "extra" },
    ['DEST_MODULE_LOCATION[0] "extra" does not begin with /kernel, /updates or /extra'],
  ],
  [{ DEST_MODULE_LOCATION: "/lib" }, ['DEST_MODULE_LOCATION[0] "/lib"']],
  [{ DEST_MODULE_LOCATION: "/extra/../../etc" }, ['DEST_MODULE_LOCATION[0] "/extra/../../etc" leads out']],
  [{ DEST_MODULE_LOCATION: "/extra/a\u0007" }, ["DEST_MODULE_LOCATION[0]"]],
  [{ BUILT_MODULE_LOCATION: "../x", DEST_MODULE_LOCATION: "/extra" }, ['BUILT_MODULE_LOCATION[0] "../x" leads out']],
  [
    { BUILT_MODULE_NAME: "../x", DEST_MODULE_NAME: "x", DEST_MODULE_LOCATION: "/extra" },
    ['BUILT_MODULE_NAME[0] "../x" leads out'],
  ],
  [
    { BUILT_MODULE_NAME: "a/b", DEST_MODULE_LOCATION: "/extra" },
    ['BUILT_MODULE_NAME[0] "a/b" cannot be the name of a file'],
  ],
  [
    { DEST_MODULE_NAME: "a/b", DEST_MODULE_LOCATION: "/extra" },
    ['DEST_MODULE_NAME[0] "a/b" cannot be the name of a file'],
  ],
  [{ DEST_MODULE_NAME: "-a", DEST_MODULE_LOCATION: "/extra" }, ['DEST_MODULE_NAME[0] "-a"']],
  [{ DEST_MODULE_NAME: "a".repeat(250), DEST_MODULE_LOCATION: "/extra" }, ["255 bytes"]],
  [
    { BUILT_MODULE_NAME: ["a.ko", ""], DEST_MODULE_NAME: ["b.o"], DEST_MODULE_LOCATION: ["x", "/extra"] },
    ["BUILT_MODULE_NAME[0]", "DEST_MODULE_NAME[0]", "DEST_MODULE_LOCATION[0]", "BUILT_MODULE_NAME[1]"],
  ],
];
for (const [values, words] of invalid) {
  test(`refused: ${JSON.stringify(values).slice(0, 100)}`, () => {
    const { errors } = readObjects(rawConf(values), "pkg");
    assert.is(errors.length, words.length, errors.join("\n"));
    for (const [index, word] of words.entries()) assert.match(errors[index] ?? "", word);
  });
}

test("a huge index is refused at once", () => {
  const raw = rawConf({ PACKAGE_NAME: "a" });
  const directives = new Map(raw.directives);
  directives.set("BUILT_MODULE_NAME", { form: "array", values: new Map([[4_000_000_000, "a"]]), verdicts: new Map() });
  assert.match(readObjects({ ...raw, directives }, "a").errors[0] ?? "", "4000000000");
});

test.run();
