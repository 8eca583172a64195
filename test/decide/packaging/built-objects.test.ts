/** Which modules makefiles of the kernel's build system build. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { builtObjects } from "../../../src/decide/packaging/built-objects.ts";

interface Row {
  readonly title: string;
  readonly kbuild: Readonly<Record<string, string>>;
  readonly found: readonly string[];
}

const rows: readonly Row[] = [
  { title: "one module", kbuild: { "": "obj-m := tiny.o\n" }, found: ["tiny"] },
  {
    title: "several, in lines of their own",
    kbuild: { "": "obj-m += a.o\nobj-m += b.o c-d.o # e.o\n" },
    found: ["a", "b", "c-d"],
  },
  { title: "continued lines", kbuild: { "": "obj-m := a.o \\\n\tb.o\n" }, found: ["a", "b"] },
  { title: "a name in a variable", kbuild: { "": "NAME := tiny\nobj-m := $(NAME).o\n" }, found: ["tiny"] },
  { title: "a variable that make alone knows", kbuild: { "": "obj-m := $(shell echo tiny).o\n" }, found: [] },
  { title: "what the configuration turns on", kbuild: { "": "obj-$(CONFIG_TINY) += tiny.o\n" }, found: ["tiny"] },
  {
    title: "parts of a module are none",
    kbuild: { "": "obj-m := tiny.o\ntiny-objs := a.o b.o\ntiny-y += c.o\n" },
    found: ["tiny"],
  },
  {
    title: "directories below",
    kbuild: { "": "obj-m := sub/ top.o\n", "sub/": "obj-m := low.o deep/\n", "sub/deep/": "obj-m := x.o" },
    found: ["sub/low", "sub/deep/x", "top"],
  },
  { title: "a directory without a makefile", kbuild: { "": "obj-m := sub/\n" }, found: [] },
  { title: "a directory that leads out", kbuild: { "": "obj-m := ../\n", "../": "obj-m := x.o" }, found: [] },
  { title: "a directory that is itself", kbuild: { "": "obj-m := ./ a.o\n", "./": "obj-m := ./\n" }, found: ["a"] },
  { title: "no makefile", kbuild: {}, found: [] },
];

for (const { title, kbuild, found } of rows) {
  test(title, () => {
    const objects = builtObjects(new Map(Object.entries(kbuild)));
    assert.equal(
      objects.map(({ name, location }) => `${location}${name}`),
      found,
    );
  });
}

test.run();
