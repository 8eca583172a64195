/** Where the text of a conf tells its objects, it tells what bash does. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plainConf } from "../../../src/model/conf/plain-conf.ts";
import { evaluateConfs } from "../../../src/observe/conf/dkms-conf.ts";
import { seed } from "../../form.ts";
import { requestFor } from "./scratch.ts";

const name = fc.constantFrom(
  "PACKAGE_NAME",
  "PACKAGE_VERSION",
  "BUILT_MODULE_NAME",
  "BUILT_MODULE_NAME[0]",
  "BUILT_MODULE_NAME[1]",
  "DEST_MODULE_LOCATION[1]",
  "DEST_MODULE_NAME[08]",
  "MAKE",
  "AUTOINSTALL",
  "other",
);
const piece = fc.constantFrom(
  ...'a 1.0 /kernel/x $PACKAGE_NAME ${PACKAGE_VERSION} } ${kernelver} $(echo_x) `x` \\. \\ \\$ \\" \' " * ~ ; # ! = ${a:=b}'.split(
    " ",
  ),
  " ",
  "\t",
  "\r",
);
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
const value = fc.oneof(
  text.map((inner) => `"${inner}"`),
  text.map((inner) => `'${inner}'`),
  text,
);
const line = fc
  .tuple(name, value, fc.constantFrom("", "", " # note", "\r"))
  .map(([key, what, end]) => `${key}=${what}${end}\n`);
const conf = fc.array(line, { maxLength: 5 }).map((lines) => lines.join(""));

test("what is read from generated texts is what bash evaluates", async () => {
  const texts = fc.sample(conf, { seed, numRuns: 4000 }).flatMap((sample) => {
    const found = plainConf(sample);
    return found === undefined ? [] : [{ sample, found }];
  });
  // Most are too odd to be plain, some must be.
  assert.ok(texts.length > 150, `${texts.length} plain texts`);
  const some = texts.slice(0, 150);
  const evaluated = await evaluateConfs(some.map(({ sample }) => requestFor(sample)));
  for (const [index, { sample, found }] of some.entries()) {
    assert.equal(evaluated[index]?.problems, [], sample);
    for (const [directive, { form, values }] of found) {
      const told = evaluated[index]?.directives.get(directive);
      assert.equal([...(told?.values ?? [])].toSorted(), [...values].toSorted(), `${directive} of ${sample}`);
      assert.is(told?.form, form, sample);
    }
  }
});

test.run();
