/** Outputs of real tools, and the lines that are shown of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { askedInVain, excerptOf, refusedWrites } from "../../../src/observe/failures/excerpt.ts";

type Row = readonly [what: string, output: string, excerpt: readonly string[]];

const rows: readonly Row[] = [
  [
    "gcc under Kbuild",
    `make[1]: Entering directory '/usr/src/linux-headers-6.1.0-18-amd64'
  CC [M]  /var/lib/dkms/evdi/1.12.0/build/evdi_modeset.o
/var/lib/dkms/evdi/1.12.0/build/evdi_modeset.c: In function ‘evdi_crtc_dpms’:
/var/lib/dkms/evdi/1.12.0/build/evdi_modeset.c:41:9: warning: unused variable ‘x’ [-Wunused-variable]
/var/lib/dkms/evdi/1.12.0/build/evdi_modeset.c:42:9: error: implicit declaration of function ‘foo’ [-Werror=implicit-function-declaration]
   42 |         foo(error: 1);
      |         ^~~
cc1: some warnings being treated as errors
make[2]: *** [/usr/src/linux-headers-6.1.0-18-common/scripts/Makefile.build:255: /var/lib/dkms/evdi/1.12.0/build/evdi_modeset.o] Error 1
make[1]: *** [/usr/src/linux-headers-6.1.0-18-common/Makefile:2017: /var/lib/dkms/evdi/1.12.0/build] Error 2
make[1]: Leaving directory '/usr/src/linux-headers-6.1.0-18-amd64'
make: *** [Makefile:12: all] Error 2
`,
    [
      "/var/lib/dkms/evdi/1.12.0/build/evdi_modeset.c:42:9: error: implicit declaration of function ‘foo’ [-Werror=implicit-function-declaration]",
    ],
  ],
  [
    "a program of the headers that is newer than libc",
    `/usr/src/linux/scripts/mod/modpost: /usr/lib/libc.so.6: version \`GLIBC_2.43' not found (required by /usr/src/linux/scripts/mod/modpost)
make[1]: *** [/usr/src/linux/scripts/Makefile.modpost:126: /build/Module.symvers] Error 1
make: *** [Makefile:1978: modpost] Error 2
`,
    [
      "/usr/src/linux/scripts/mod/modpost: /usr/lib/libc.so.6: version `GLIBC_2.43' not found (required by /usr/src/linux/scripts/mod/modpost)",
    ],
  ],
  [
    "BTF without pahole",
    `  BTF [M] /var/lib/dkms/tiny/1/build/tiny.ko
/bin/sh: 1: pahole: not found
make[1]: *** [/usr/src/linux/scripts/Makefile.modfinal:61: /var/lib/dkms/tiny/1/build/tiny.ko] Error 127
make[1]: *** Deleting file '/var/lib/dkms/tiny/1/build/tiny.ko'
make: *** [/usr/src/linux/Makefile:1980: modules] Error 2
`,
    ["/bin/sh: 1: pahole: not found"],
  ],
  [
    "clang, in colours",
    `\u001b[1mhello.c:3:10: \u001b[0m\u001b[0;1;31mfatal error: \u001b[0m\u001b[1m'linux/none.h' file not found\u001b[0m
#include <linux/none.h>
         ^~~~~~~~~~~~~~
1 error generated.
make[1]: *** [<builtin>: hello.o] Error 1
`,
    ["hello.c:3:10: fatal error: 'linux/none.h' file not found"],
  ],
  [
    "modpost",
    `  MODPOST /var/lib/dkms/m/1/build/Module.symvers
ERROR: modpost: "cpu_enable" [/var/lib/dkms/m/1/build/m.ko] undefined!
make[1]: *** [scripts/Makefile.modpost:126: /var/lib/dkms/m/1/build/Module.symvers] Error 1
`,
    [`ERROR: modpost: "cpu_enable" [/var/lib/dkms/m/1/build/m.ko] undefined!`],
  ],
  [
    "make without a rule",
    "make: *** No rule to make target 'modules'.  Stop.\n",
    ["make: *** No rule to make target 'modules'.  Stop."],
  ],
  ["a broken makefile", "Makefile:3: *** missing separator.  Stop.\n", ["Makefile:3: *** missing separator.  Stop."]],
  [
    "a missing directory",
    "make: *** /usr/lib/modules/6.6.1/build: No such file or directory.  Stop.\n",
    ["make: *** /usr/lib/modules/6.6.1/build: No such file or directory.  Stop."],
  ],
  [
    "the linker",
    `/usr/bin/ld: hello.o: in function \`main':
hello.c:(.text+0x9): undefined reference to \`foo'
collect2: error: ld returned 1 exit status
`,
    ["hello.c:(.text+0x9): undefined reference to `foo'", "collect2: error: ld returned 1 exit status"],
  ],
  [
    "patch, a hunk",
    `patching file a.c
Hunk #1 FAILED at 3.
1 out of 1 hunk FAILED -- saving rejects to file a.c.rej
`,
    ["Hunk #1 FAILED at 3.", "1 out of 1 hunk FAILED -- saving rejects to file a.c.rej"],
  ],
  [
    "patch, applied already",
    `patching file a.c
Reversed (or previously applied) patch detected!  Assume -R? [n] 
Apply anyway? [n] 
Skipping patch.
1 out of 1 hunk ignored -- saving rejects to file a.c.rej
`,
    [
      "Reversed (or previously applied) patch detected!  Assume -R? [n] ",
      "Skipping patch.",
      "1 out of 1 hunk ignored -- saving rejects to file a.c.rej",
    ],
  ],
  ["bash", "dkms: line 1: mkae: command not found\n", ["dkms: line 1: mkae: command not found"]],
  ["sh", "sh: 1: flex: not found\n", ["sh: 1: flex: not found"]],
  [
    "an ignored error",
    "make: [Makefile:2: x] Error 1 (ignored)\nlast words\n",
    ["make: [Makefile:2: x] Error 1 (ignored)", "last words"],
  ],
  ["only make's own tale", "  CC a.o\nmake: *** [Makefile:2: a.o] Killed\n", ["make: *** [Makefile:2: a.o] Killed"]],
  ["nothing", "\n\n", []],
  ["control characters", "x: error: a\u0007\u001b]0;title\u0007b\tc\r\n", ["x: error: ab c"]],
  ["the same line twice", "a.h:1: error: x\na.h:1: error: x\n", ["a.h:1: error: x"]],
];

for (const [what, output, excerpt] of rows) test(what, () => assert.equal(excerptOf(output), excerpt));

test("at most eight lines, none longer than a screen or two", () => {
  const output = Array.from({ length: 50 }, (_, index) => `a.c:${index}: error: ${"x".repeat(500)}`).join("\n");
  const excerpt = excerptOf(output);
  assert.is(excerpt.length, 8);
  assert.match(excerpt[0] ?? "", /^a\.c:0: error: x+\.\.\.$/);
  assert.ok((excerpt[0]?.length ?? 0) < 310);
});

test("the first real error, and not that make waits for other jobs", () => {
  const output = `a.c:3:1: error: no such thing
make[2]: *** [scripts/Makefile.build:255: a.o] Error 1
make[2]: *** Waiting for unfinished jobs....
`;
  assert.equal(excerptOf(output), ["a.c:3:1: error: no such thing"]);
});

const refusals: readonly (readonly [string, readonly string[]])[] = [
  ["touch: cannot touch '/etc/foo': Read-only file system", ["/etc/foo"]],
  ["./pre.sh: line 2: /etc/my conf: Read-only file system", ["/etc/my conf"]],
  ["mkdir: cannot create directory ‘/usr/x’: Read-only file system", ["/usr/x"]],
  ["sed: couldn't open temporary file /etc/sed1ojPkR: Read-only file system", ["/etc/sed1ojPkR"]],
  ["OSError: [Errno 30] Read-only file system: '/opt/x'", ["/opt/x"]],
  ["Cannot create temporary file in ./: Read-only file system", ["(unnamed)"]],
  ["all is well", []],
];

for (const [output, paths] of refusals) test(output, () => assert.equal(refusedWrites(output), paths));

test("a shell that does not find a program has not been asked for itself", () => {
  assert.equal(askedInVain("/bin/sh: 1: pahole: not found\n/bin/bash: line 3: foo: command not found\n", "absent"), []);
  const paths = "/bin/sh: 1: /opt/cross/gcc: not found\n/bin/bash: line 3: /srv/x: No such file or directory\n";
  assert.equal(askedInVain(paths, "absent"), ["/opt/cross/gcc", "/srv/x"]);
});

test.run();
