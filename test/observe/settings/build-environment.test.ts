/** The file that build_environment names: its exports, and nothing else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readBuildEnvironment } from "../../../src/observe/settings/build-environment.ts";
import { scratch, write } from "../conf/scratch.ts";

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

test("kernels that ask at the same moment share one bash, whatever the file does for one of them", async () => {
  const path = write("shared.env", "export ITS_BASH=$$; [ $kernelver != 2 ] || exit 3");
  const ask = (kernelver: string, more = {}): ReturnType<typeof readBuildEnvironment> =>
    readBuildEnvironment(path, { kernelver }, { environment: { ...environment, ...more } });
  const [one, two, three, other] = await Promise.all([ask("1"), ask("2"), ask("3"), ask("3", { OTHER: "yes" })]);
  const bash = one.variables["ITS_BASH"];
  assert.match(bash ?? "", /^\d+$/);
  assert.is(three.variables["ITS_BASH"], bash);
  assert.is.not(other.variables["ITS_BASH"], bash, "another environment is not theirs");
  assert.match(two.warnings.join(), "status 3");
  assert.equal([...one.warnings, ...three.warnings, ...other.warnings], []);
});

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
