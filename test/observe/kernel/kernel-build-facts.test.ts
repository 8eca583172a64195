/** How a kernel was built, read from made-up headers as data. */
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KernelBuildFacts } from "../../../src/model/kernel/kernel-build-facts.ts";
import { readKernelBuildFacts } from "../../../src/observe/kernel/kernel-build-facts.ts";
import { scratch, write } from "../conf/scratch.ts";

let count = 0;

function headers(files: Readonly<Record<string, string>>): string {
  count += 1;
  for (const [name, text] of Object.entries(files)) write(`kernel ${count}/${name}`, text);
  return join(scratch, `kernel ${count}`);
}

type Row = readonly [what: string, files: Readonly<Record<string, string>>, expected: Partial<KernelBuildFacts>];
const rows: readonly Row[] = [
  ["nothing", {}, { compiler: {}, llvm: false, config: undefined, signatureHash: undefined }],
  [
    "a compiler that is here",
    { ".config": 'CONFIG_CC_VERSION_TEXT="gcc (GCC) 4.3"' },
    { compiler: { CC: "gcc", KERNEL_CC: "gcc" } },
  ],
  ["without quotes", { ".config": "CONFIG_CC_VERSION_TEXT=gcc 4.3" }, { compiler: { CC: "gcc", KERNEL_CC: "gcc" } }],
  ["a program that is no compiler", { ".config": 'CONFIG_CC_VERSION_TEXT="make 4.3"' }, { compiler: {} }],
  ["a path", { ".config": 'CONFIG_CC_VERSION_TEXT="/usr/bin/gcc 4.3"' }, { compiler: {} }],
  ["a way out of /usr/bin", { ".config": 'CONFIG_CC_VERSION_TEXT="../bin/gcc"' }, { compiler: {} }],
  ["one that is not here", { ".config": 'CONFIG_CC_VERSION_TEXT="gcc-1 (GCC) 1"' }, { compiler: {} }],
  ["clang", { ".config": "CONFIG_CC_IS_CLANG=y" }, { compiler: { CC: "clang", KERNEL_CC: "clang" }, llvm: true }],
  ["lld", { ".config": "CONFIG_LD_IS_LLD=y" }, { compiler: { LD: "ld.lld", KERNEL_LD: "ld.lld" }, llvm: false }],
  [
    "Debian's makefile",
    { ".kernelvariables": "override ARCH = x86\nexport V := 12\nCC := gcc-$(V)\n" },
    { compiler: { CC: "gcc-12" } },
  ],
  ["Debian's makefile without a compiler", { ".kernelvariables": "override ARCH = x86\n" }, { compiler: {} }],
  ["a broken makefile", { ".kernelvariables": "ifdef\n" }, { compiler: {} }],
  [
    "the configuration beats the makefile",
    { ".kernelvariables": "CC = gcc-1", ".config": 'CONFIG_CC_VERSION_TEXT="gcc 1"' },
    { compiler: { CC: "gcc", KERNEL_CC: "gcc" } },
  ],
  ["signing", { ".config": 'CONFIG_MODULE_SIG_HASH="sha512"' }, { signatureHash: "sha512" }],
  ["an empty hash", { ".config": 'CONFIG_MODULE_SIG_HASH=""' }, { signatureHash: undefined }],
  ["BTF with vmlinux", { vmlinux: "", ".config": "CONFIG_DEBUG_INFO_BTF_MODULES=y" }, { makesBtf: true }],
  ["BTF without vmlinux", { ".config": "CONFIG_DEBUG_INFO_BTF_MODULES=y" }, { makesBtf: false }],
  ["vmlinux without BTF", { vmlinux: "", ".config": "CONFIG_DEBUG_INFO_BTF=y" }, { makesBtf: false }],
  ["a vmlinux that is none", { vmlinux: "text", ".config": "CONFIG_CC_IS_CLANG=y" }, { llvm: true }],
];
for (const [what, files, expected] of rows) {
  test(what, async () => {
    const facts = readKernelBuildFacts({ headers: headers(files) });
    for (const [key, value] of Object.entries(expected)) assert.equal(facts[key as keyof KernelBuildFacts], value, key);
  });
}

test("what the image says beats the configuration", async () => {
  const directory = headers({ "image.s": '.section .comment\n.asciz "clang version 17"\n', ".config": "CONFIG_A=y" });
  execFileSync("as", ["-o", join(directory, "vmlinux"), join(directory, "image.s")]);
  assert.is(readKernelBuildFacts({ headers: directory }).llvm, true);
  const other = headers({ "image.s": '.section .comment\n.asciz "GCC 13"\n', ".config": "CONFIG_CC_IS_CLANG=y" });
  execFileSync("as", ["-o", join(other, "vmlinux"), join(other, "image.s")]);
  assert.is(readKernelBuildFacts({ headers: other }).llvm, false);
});

test("the user's configuration file, also one that is missing", async () => {
  const directory = headers({ ".config": "CONFIG_CC_IS_CLANG=y" });
  const config = join(directory, "mine");
  assert.is(readKernelBuildFacts({ headers: directory, config }).config, undefined);
  copyFileSync(join(directory, ".config"), config);
  const facts = readKernelBuildFacts({ headers: directory, config });
  assert.is(facts.configPath, config);
  assert.is(facts.llvm, true);
});

test.run();
