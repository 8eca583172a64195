/** Debug information is left out where the kernel asks for it and nothing is made from it, and nowhere else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { debugInformation, type DebugSubject } from "../../../src/model/kernel/debug-information.ts";

function configOf(...options: readonly string[]): DebugSubject["config"] {
  return { path: "auto.conf", options: new Map(options.map((option) => [`CONFIG_${option}`, "y"])) };
}

const subject: DebugSubject = {
  config: configOf("DEBUG_INFO", "DEBUG_INFO_BTF", "DEBUG_INFO_BTF_MODULES"),
  image: "absent",
  objects: [{ strip: true }, { strip: true }],
  variables: {},
  make: "make -C /headers modules",
  mention: false,
};

const rows: readonly (readonly [what: string, change: Partial<DebugSubject>, answer: "needless" | "kept"])[] = [
  ["objects that are stripped", {}, "needless"],
  ["a make command of ours", { make: undefined }, "needless"],
  [
    "a kernel's image beside a configuration without BTF",
    { config: configOf("DEBUG_INFO"), image: "present" },
    "needless",
  ],
  ["BTF that is made from it", { image: "present" }, "kept"],
  ["symbol versions that are made from it", { config: configOf("DEBUG_INFO", "GENDWARFKSYMS") }, "kept"],
  ["a kernel that does not ask for it", { config: configOf("MODULES") }, "kept"],
  ["a kernel of which nothing is known", { config: undefined }, "kept"],
  ["one object that is not stripped", { objects: [{ strip: true }, { strip: false }] }, "kept"],
  ["flags that the administrator exports", { variables: { KCFLAGS: "" } }, "kept"],
  ["flags in the make command", { make: "make KCFLAGS=-O3" }, "kept"],
  ["flags that the makefile may set", { mention: true }, "kept"],
];

for (const [what, change, answer] of rows) {
  test(`${answer}: ${what}`, () => assert.is(debugInformation({ ...subject, ...change }), answer));
}

test.run();
