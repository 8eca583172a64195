/** `remove(pair, true)` says nothing to who reads it: a boolean is passed by name, in an object. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const project = resolve(import.meta.dirname, "..");

/** A parameter that is a boolean; members of object types end with a semicolon or a brace. */
const positional = /(?:[(,]|^) *\w+(?:\??: boolean| = (?:true|false))[,)]/gm;

/** The boolean parameters of a text. */
function booleansIn(text: string): readonly string[] {
  const withoutPatterns = text.replaceAll(/(?:const|let) \{[^}]*\}|\{[^{}]* = (?:true|false)[^{}]*\}/g, "");
  return withoutPatterns.match(positional) ?? [];
}

test("no function takes a boolean by its position", () => {
  for (const name of readdirSync(join(project, "src"), { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".ts")) assert.equal(booleansIn(readFileSync(join(project, "src", name), "utf8")), [], name);
  }
});

for (const [text, count] of [
  ["function f(a: string, isNew: boolean): void {}", 1],
  ["function f(\n  a: string,\n  isNew: boolean,\n): void {}", 1],
  ["function f(isNew = false) {}", 1],
  ["function f({ isNew }: { readonly isNew: boolean }): void {}", 0],
  ["const { isNew = false, other } = order;", 0],
  ["interface A {\n  isNew: boolean;\n}", 0],
] as const) {
  test(JSON.stringify(text), () => assert.is(booleansIn(text).length, count));
}

test.run();
