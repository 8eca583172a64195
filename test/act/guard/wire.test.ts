/** Values on their way between processes come out as they went in. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as fc from "fast-check";
import { decode, encode } from "../../../src/act/guard/wire.ts";

test("maps and sets at any depth", () => {
  const value = { a: new Map([["k", { b: new Set([1, 2]) }]]), c: [new Set(["x"])], d: "\n\u0000map" };
  assert.equal(decode(encode(value)), value);
  assert.not.match(encode(value), "\n");
});

test("any JSON, in maps and sets", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, key) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      assert.equal(decode(encode(new Map([[key, new Set([plain])]]))), new Map([[key, new Set([plain])]]));
    }),
  );
});

test.run();
