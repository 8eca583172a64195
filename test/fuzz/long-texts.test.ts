/**
 * Texts of packages that would keep a careless expression busy for hours: a run cannot be interrupted while it looks through one. Each of these takes a
 * moment, or never comes to its end.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePackageInfo } from "../../src/alpm/pkginfo.ts";
import { namedPaths } from "../../src/act/sandbox/named-paths.ts";
import { explain } from "../../src/decide/hints/rules.ts";
import { builtObjects } from "../../src/decide/packaging/built-objects.ts";
import { readElfObject } from "../../src/model/kernel/elf-object.ts";
import { declaredCompiler } from "../../src/model/kernel/kernel-variables.ts";
import { lastBuildOf, ProgressReader } from "../../src/observe/build-progress.ts";

const million = 1_000_000;
const root = mkdtempSync(join(tmpdir(), "dkms-alpm-long-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

test("an object with 200,000 sections whose name has 30 million characters", () => {
  const [sections, names] = [200_000, 30 * million];
  const bytes = Buffer.alloc(64 + 64 * sections + names, "A");
  bytes.fill(0, 0, 64 + 64 * sections);
  bytes.write("\u007fELF\u0002\u0001\u0001", 0, "latin1");
  bytes.writeUInt16LE(1, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 40);
  bytes.writeUInt16LE(64, 58);
  // More than the header can tell: the count is in the first section, as is which one has the names.
  bytes.writeUInt16LE(0xffff, 62);
  bytes.writeBigUInt64LE(BigInt(sections), 64 + 32);
  bytes.writeUInt32LE(1, 64 + 40);
  bytes.writeBigUInt64LE(BigInt(64 + 64 * sections), 128 + 24);
  bytes.writeBigUInt64LE(BigInt(names), 128 + 32);
  const found = readElfObject(bytes.length, (offset, length) => bytes.subarray(offset, offset + length));
  assert.equal(found, { bits: 64, order: "little", machine: 62, vermagic: undefined });
});

for (const [what, text] of Object.entries({
  "blank lines": "\n".repeat(million),
  "one line of blanks": " ".repeat(million),
  "lines of blanks": "export \n".repeat(million / 10),
})) {
  test(`headers whose Makefile is ${what}`, () => {
    const makefile = write(`headers ${what}/Makefile`, `${text}\ninclude ${root}/tree/Makefile\n`);
    mkdirSync(join(root, "tree"), { recursive: true });
    mkdirSync(join(root, "source"), { recursive: true });
    const texts = { source: join(root, "source"), headers: join(makefile, ".."), conf: write("dkms.conf", text) };
    const told = {
      directives: { make: undefined, scripts: {} },
      variables: {},
      root: "/",
      options: { directives: [] },
    };
    assert.ok(namedPaths({ ...texts, ...told }).includes(join(root, "tree")));
  });

  test(`a makefile of ${what}`, () => {
    const found = builtObjects(new Map([["", `${text}\nobj-m := made.o\nmade-y = ${text}x\n`]]));
    assert.equal(found, [{ name: "made", location: "" }]);
  });
}

test("a package with a million dependencies", () => {
  const info = parsePackageInfo(`pkgname = made\npkgver = 1-1\n${"depend = a\n".repeat(million)}`);
  assert.is(info.depends.length, million);
});

test("headers whose variables are one line of commas, or of quotes", () => {
  for (const line of [`ifeq (${",".repeat(million)}`, `ifeq "${'" "'.repeat(million)}`])
    assert.is(declaredCompiler(`${line}\nendif\nCC = gcc-12\n`), "gcc-12");
});

test("a log whose lines name compilers a million times", () => {
  const log = `x\n${"gcc".repeat(million)}\n  CC [M] a.o\ngcc -O2 -c -o a.o a.c\n\n# exit code: 0\n# elapsed time: 00:00:01\n`;
  assert.equal(lastBuildOf(log), { seconds: 1, compiled: 2 });
  assert.equal(new ProgressReader(write("log", log)).read(), { compiled: 2, isLinking: false });
});

for (const word of ["modpost: ", 'modpost: "a" [', "pahole ", ": version `GLIBC", "git -", " -git"]) {
  test(`a build whose output and makefile are a line of ${word}`, () => {
    const text = word.repeat(million / 2);
    const build = { module: "made/1", release: "6.1", running: "6.1", place: "/", isOffline: true };
    const found = explain({
      ...build,
      step: "compiling",
      output: text,
      commands: text,
      sources: undefined,
      sandbox: undefined,
      runningKernelLines: [],
      exporterOf: () => undefined,
    });
    assert.is(found, undefined);
  });
}

test.run();
