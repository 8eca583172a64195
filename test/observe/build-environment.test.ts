/** The file that build_environment names: its exports, and nothing else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readBuildEnvironment } from "../../src/observe/build-environment.ts";
import { scratch, write } from "./conf-scratch.ts";

const environment = { PATH: "/usr/bin:/bin", KEPT: "same", CHANGED: "old" };

async function read(text: string) {
  return readBuildEnvironment(write("build.env", text), { kernelver: "6.6.1" }, { environment });
}

const rows: readonly (readonly [what: string, text: string, expected: Readonly<Record<string, string>>])[] = [
  ["exports", "export CC=clang LLVM=1", { CC: "clang", LLVM: "1" }],
  ["plain variables stay", "CC=clang", {}],
  ["the kernel is known", "export K=v$kernelver", { K: "v6.6.1" }],
  ["changed ones", "CHANGED=new; KEPT=same", { CHANGED: "new" }],
  ["set -a", "set -a; X=1", { X: "1" }],
  ["conditions", "case $kernelver in 6.*) export CC=gcc-13;; *) export CC=gcc-12;; esac", { CC: "gcc-13" }],
  ["several lines in a value", "export X=$'a\\nb= c'", { X: "a\nb= c" }],
  ["blanks are kept", "export X='a   b  $y'", { X: "a   b  $y" }],
  ["PATH", "export PATH=/opt/llvm/bin:$PATH", { PATH: "/opt/llvm/bin:/usr/bin:/bin" }],
  ["functions are no variables", "f() { :; }; export -f f", {}],
  ["printf redefined", "printf() { :; }; export X=1", { X: "1" }],
];
for (const [what, text, expected] of rows) {
  test(what, async () => {
    const { variables, warnings } = await read(text);
    assert.equal(variables, expected);
    assert.equal(warnings, []);
  });
}

const bad: readonly (readonly [what: string, text: string, word: string])[] = [
  ["a file that exits", "export X=1; exit 2", "status 2"],
  ["a syntax error", "export Y=1\n)", "syntax"],
];
for (const [what, text, word] of bad) {
  test(what, async () => {
    const { variables, warnings } = await read(text);
    assert.match(warnings.join(), word);
    assert.is("X" in variables, false);
  });
}

test("a file that is not there", async () => {
  const { variables, warnings } = await readBuildEnvironment(`${scratch}/none.env`, {}, { environment });
  assert.equal(variables, {});
  assert.match(warnings[0] ?? "", "none.env");
});

test.run();
