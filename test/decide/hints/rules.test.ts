/** The table of hints, with outputs as tools write them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { explain } from "../../../src/decide/hints/rules.ts";
import type { FailureEvidence } from "../../../src/model/run/failure-evidence.ts";

const plain: FailureEvidence = {
  output: "",
  step: "compiling",
  module: "zfs/2.2.2",
  release: "6.6.2-arch1-1",
  running: "6.6.1-arch1-1",
  place: "/var/lib/dkms-alpm/build",
  isOffline: true,
  commands: "",
  runningKernelLines: [],
  sandbox: undefined,
  exporterOf: () => undefined,
  sources: undefined,
};

/** What Kbuild prints when the compiler is another one than the kernel's. */
function differs(theirs: string): string {
  return `warning: the compiler differs from the one used to build the kernel
  The kernel was built by: ${theirs}
  You are using:           gcc (GCC) 15.2.1
`;
}

const rows: readonly (readonly [what: string, evidence: Partial<FailureEvidence>, hint: RegExp | undefined])[] = [
  ["bash has no gcc", { output: "bash: line 1: gcc: command not found\n" }, /pacman -S gcc$/],
  ["make has no gcc", { output: "make[1]: gcc: No such file or directory\n" }, /pacman -S gcc$/],
  ["sh has no bc", { output: "/bin/sh: 1: bc: not found\n" }, /pacman -S bc$/],
  ["a program that nobody knows", { output: "sh: line 3: frob: command not found\n" }, /pacman -F frob$/],
  [
    "the headers' programs are newer than libc",
    { output: "scripts/mod/modpost: /usr/lib/libc.so.6: version `GLIBC_2.43' not found (required by x)\n" },
    /^scripts\/mod\/modpost needs GLIBC_2\.43, .*: pacman -Syu$/,
  ],
  [
    "a library of the headers' programs is missing",
    {
      output:
        "scripts/sign-file: error while loading shared libraries: libcrypto.so.3: cannot open shared object file: No such file or directory\n",
    },
    /^scripts\/sign-file needs libcrypto\.so\.3, .*: pacman -F libcrypto\.so\.3$/,
  ],
  [
    "an option that only the kernel's compiler knows",
    { output: `${differs("gcc (GCC) 16.1.1")}gcc: error: unrecognized command-line option '-fnew'\n` },
    /to the same state: pacman -Syu$/,
  ],
  [
    "an option that clang does not know",
    { output: `${differs("gcc (GCC) 16.1.1")}clang: error: unknown argument: '-fconserve-stack'\n` },
    /to the same state: pacman -Syu$/,
  ],
  [
    "gcc for a kernel of clang",
    { output: `${differs("clang version 22.1.0")}gcc: error: unrecognized command-line option '-mretpoline'\n` },
    /: pacman -S clang lld llvm$/,
  ],
  [
    "an option of the module's own, by the kernel's compiler",
    { output: "gcc: error: unrecognized command-line option '-fodd'\n" },
    undefined,
  ],
  [
    "an error of the module's own, by another compiler",
    { output: `${differs("gcc (GCC) 16.1.1")}a.c:1:1: error: x\n` },
    /may not support/,
  ],
  ["no pahole", { output: "/bin/sh: line 1: pahole: command not found\n" }, /pacman -S pahole$/],
  [
    "no pahole for a script of Kbuild, by dash",
    { output: "/usr/src/linux/scripts/gen-btf.sh: 71: pahole: not found\n" },
    /pacman -S pahole$/,
  ],
  [
    "no pahole for a script of Kbuild, by bash",
    { output: "/usr/src/linux/scripts/gen-btf.sh: line 71: pahole: command not found\n" },
    /pacman -S pahole$/,
  ],
  [
    "pahole that scripts miss",
    { output: "BTF: .tmp_vmlinux: pahole (pahole) is not available\n" },
    /pacman -S pahole$/,
  ],
  ["no make at all", { output: "bash: line 1: make: command not found\n" }, /pacman -S make$/],
  [
    "a missing header is no missing program",
    { output: "a.c:1:10: fatal error: x.h: No such file or directory\n" },
    /may not support/,
  ],
  [
    "git that cannot reach its server",
    { output: "fatal: unable to access 'https://x/': Could not resolve host: x\n" },
    /^Network=yes/,
  ],
  [
    "a script with curl, and no word of it",
    { step: "script", commands: "curl -fsSL https://x | tar x\n" },
    /^Network=yes/,
  ],
  [
    "the same with an open network",
    { step: "script", commands: "curl -fsSL https://x\n", isOffline: false },
    undefined,
  ],
  ["curl in a name", { step: "script", commands: "make mycurl-test\n" }, undefined],
  [
    "a compiler error beside a script that fetches",
    { commands: "git clone x\n", output: "a.c:1:1: error: x\n" },
    /may not support/,
  ],
  [
    "a makefile that asks for the running kernel, and fails elsewhere",
    { runningKernelLines: [{ path: "M", line: 2 }], output: "a.c:1:1: error: x\n" },
    /may not support/,
  ],
  [
    "the compiler was killed for want of memory, for a kernel that does not run",
    { output: "gcc: fatal error: Killed signal terminated program cc1\n" },
    /: dkms install zfs\/2\.2\.2 -k 6\.6\.2-arch1-1 -j 1$/,
  ],
  ["nothing that anybody knows", { output: "something\n" }, undefined],
  ["a script that fails", { step: "script", output: "a.c:1:1: error: x\n" }, undefined],
  ["undefined symbols of nobody", { output: 'ERROR: modpost: "x" [/a.ko] undefined!\n' }, /may not support/],
];

for (const [what, evidence, hint] of rows) {
  test(what, () => {
    const found = explain({ ...plain, ...evidence })?.hint;
    if (hint === undefined) assert.is(found, undefined);
    else assert.match(found ?? "", hint);
  });
}

test("what was built is named where it was kept", () => {
  const found = explain({ ...plain, output: "a.c:1:1: error: x\n", sources: "/var/lib/dkms/zfs/2.2.2/build" });
  assert.match(found?.hint ?? "", "built are in /var/lib/dkms/zfs/2.2.2/build.");
});

test("sources are not named where the machine is at fault", () => {
  const found = explain({ ...plain, output: "make: gcc: No such file or directory\n", sources: "/x" });
  assert.is(found?.hint, "The program gcc is missing. Install it: pacman -S gcc");
});

test.run();
