/** What a build reads outside of its source: found where makefiles, confs, includes, links and pacman's database tell of it, and noticed when it changes. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InputReader } from "../../../src/observe/stamps/inputs.ts";
import { InputsBeyond, type Beyond } from "../../../src/observe/stamps/inputs-beyond.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-beyond-"));
const source = join(root, "src/bw-1.0");
const headers = join(root, "headers");
const shared = join(root, "share/bw");

function put(path: string, text: string): string {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
  return path;
}

function layOut(files: Readonly<Record<string, string>>): void {
  fs.rmSync(root, { recursive: true, force: true });
  put(join(source, "dkms.conf"), "PACKAGE_NAME=bw\n");
  put(join(shared, "part.h"), "#define PART 1\n");
  put(join(headers, "Makefile"), "");
  for (const [path, text] of Object.entries(files)) put(join(source, path), text);
}

const find = (): Beyond => new InputsBeyond(join(root, "pacman")).of(source, headers);

for (const [what, files, place] of [
  ["-I of a Makefile", { Makefile: `ccflags-y := -I${shared}\n` }, shared],
  ["-include of a Kbuild", { Kbuild: `ccflags-y += -include ${shared}/part.h\n` }, join(shared, "part.h")],
  ["a variable of a makefile", { "config.mk": `PARTS = ${shared}/\n` }, shared],
  ["a copy in a Makefile", { Makefile: `all:\n\tcp ${shared}/part.h .\n` }, join(shared, "part.h")],
  ["a script", { "pre.sh": `#!/bin/sh\ncp '${shared}/part.h' .\n` }, join(shared, "part.h")],
  ["the conf", { "dkms.conf": `MAKE="make P=${shared}"\n` }, shared],
  ["an include", { "bw.c": `#include <linux/module.h>\n# include "${shared}/part.h"\n` }, join(shared, "part.h")],
  ["an include of a header", { "deep/bw.h": `#include <${shared}/part.h>\n` }, join(shared, "part.h")],
] as const) {
  test(`${what} names it`, () => {
    layOut(files);
    assert.equal(find(), { named: [place], packaged: [] });
  });
}

for (const [what, target] of [
  ["an absolute link to a directory", shared],
  ["a relative link to a directory", "../../share/bw"],
] as const) {
  test(`${what} leads there`, () => {
    layOut({});
    fs.symlinkSync(target, join(source, "parts"));
    assert.equal(find().named, [shared]);
  });
}

for (const [what, text] of [
  ["programs", "SHELL = /bin/bash\nCC := /usr/bin/gcc\n"],
  ["the machine's own headers", "ccflags-y := -I/usr/include\n"],
  ["directories of everybody", "PREFIX := /usr/lib\nX := /opt\nY := /usr/share\n"],
  ["what the kernel makes up", "X := /proc/version /sys/kernel /dev/null\n"],
  ["the kernels", "KDIR := /lib/modules/6.1/build\n"],
  ["what does not exist", "X := /nonexistent/of/bw\n"],
  ["parts of paths", "X := $(DIR)/share/bw\n"],
  ["the headers and the source", `X := ${headers}/Makefile ${source}/dkms.conf ${source}\n`],
] as const) {
  test(`${what} are no inputs`, () => {
    layOut({ Makefile: text });
    assert.equal(find().named, []);
  });
}

test("everything counts that the package owns which owns the source", () => {
  layOut({});
  const [conf = "", part = ""] = [join(source, "dkms.conf"), join(shared, "part.h")].map((path) => path.slice(1));
  put(join(root, "pacman/local/bw-dkms-1.0-1/files"), `%FILES%\n${dirname(part)}/\n${part}\n${conf}\n\n`);
  put(join(root, "pacman/local/other-1.0-1/files"), `%FILES%\n${headers.slice(1)}/Makefile\n\n`);
  assert.equal(find(), { named: [], packaged: [join(shared, "part.h")] });
});

for (const [what, change] of [
  ["changes", () => put(join(shared, "part.h"), "#define PART 2\n")],
  ["is removed", () => fs.rmSync(join(shared, "part.h"))],
  ["is added", () => put(join(shared, "deep/new.h"), "")],
  ["becomes executable", () => fs.chmodSync(join(shared, "part.h"), 0o755)],
] as const) {
  test(`a file beyond the source that ${what} is another input`, () => {
    layOut({ Makefile: `ccflags-y := -I${shared}\n` });
    const beyond = find().named;
    const before = new InputReader().digests({ source, headers, overrides: [], beyond });
    const content = before.content();
    change();
    const after = new InputReader().digests({ source, headers, overrides: [], beyond });
    assert.is.not(after.index, before.index);
    assert.is.not(after.content(), content);
  });
}

test("without any the digests are what they were", () => {
  layOut({});
  const plain = new InputReader().digests({ source, headers, overrides: [] });
  const none = new InputReader().digests({ source, headers, overrides: [], beyond: [] });
  assert.equal([none.index, none.content()], [plain.index, plain.content()]);
});

test.after(() => fs.rmSync(root, { recursive: true, force: true }));

test.run();
