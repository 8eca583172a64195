/** Real modules that fail, each for a reason of its own: the hint fits, and no rule explains the failure of another. */
import { release as runningRelease } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { closedDoor } from "../../../src/observe/failures/closed-door.ts";
import { hintRules } from "../../../src/decide/hints/rules.ts";
import { runningKernelLines } from "../../../src/model/health/health.ts";
import type { FailureEvidence } from "../../../src/model/run/failure-evidence.ts";
import { createScene, linux, older, olderPattern } from "../scenario.ts";

interface Row {
  readonly rule: string;
  /** The module's name; without it the rule's. */
  readonly name?: string;
  /** Shell that makes the machine or the kernel's headers ($build) faulty. */
  readonly prepare?: string;
  /** Beyond what every module has. */
  readonly conf?: string;
  readonly makefile?: string;
  readonly script?: string;
  readonly source?: string;
  readonly hint: RegExp;
  /** What dkms doctor says of the machine beside it. */
  readonly doctor?: string;
}

const kernelMake = (name: string): string =>
  `MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/${name}/1/build modules"\n`;
const own = 'MAKE[0]="make -f Makefile"\n';

/** A program that needs what no glibc has: linked against a library that claims to be one, and run by the machine's own loader. */
const newerGlibc = (program: string): string => `
cd /root
echo 'void of_a_newer_glibc(void) {}' >newer.c
echo 'GLIBC_2.99 { of_a_newer_glibc; };' >newer.map
echo 'void of_a_newer_glibc(void); void _start(void) { of_a_newer_glibc(); }' >program.c
gcc -shared -fPIC -nostdlib -Wl,-soname,libc.so.6 -Wl,--version-script=newer.map -o newer.so newer.c
gcc -nostdlib -o program program.c newer.so
install -m 755 program ${program}
`;

const rows: readonly Row[] = [
  { rule: "no-space", conf: own, makefile: "all:\n\tcat Makefile > /dev/full\n", hint: /The disk is full\. .*df -h / },
  {
    rule: "no-memory",
    conf: own,
    makefile: "all:\n\tulimit -v 60000; perl -e '$$x = \"a\" x 2e9; print length $$x'\n",
    hint: /Memory ran out\. .*-j 1/,
  },
  {
    rule: "network",
    conf: 'PRE_BUILD="get.sh"\n',
    script: "#!/bin/sh\nwget -q https://example.org/firmware.bin -O firmware.bin\n",
    hint: /Network=yes under \[Build\]/,
  },
  { rule: "missing-tool", conf: 'MAKE[0]="clang -c tiny.c"\n', hint: /clang is missing\. Install it: pacman -S clang/ },
  {
    rule: "missing-tool",
    name: "newer-fixdep",
    prepare: newerGlibc("$build/scripts/basic/fixdep"),
    hint: /scripts\/basic\/fixdep needs GLIBC_2\.99, which this machine is too old for\. Upgrade it: pacman -Syu/,
  },
  {
    rule: "missing-tool",
    name: "newer-modpost",
    prepare: newerGlibc("$build/scripts/mod/modpost"),
    hint: /scripts\/mod\/modpost needs GLIBC_2\.99, which this machine is too old for\. Upgrade it: pacman -Syu/,
  },
  {
    // Kbuild makes BTF for a module as soon as the headers have vmlinux, and skips that in silence when they have not.
    rule: "missing-tool",
    name: "no-pahole",
    prepare: "rm -f /usr/bin/pahole; touch $build/vmlinux",
    hint: /pahole is missing\. Install it: pacman -S pahole/,
    doctor: "pahole is not installed.",
  },
  {
    rule: "other-compiler",
    // Debian's headers leave out the comparison of compilers that all others make.
    prepare: `cd $build/include/config
sed -i /NO_CC_VERSION_CHECK/d ../../.kernelvariables
sed -i 's/^CONFIG_CC_VERSION_TEXT=.*/CONFIG_CC_VERSION_TEXT=gcc (GCC) 99.1.0/' auto.conf
sed -i 's/^CONFIG_CC_IMPLICIT_FALLTHROUGH=.*/CONFIG_CC_IMPLICIT_FALLTHROUGH=-fnew-in-gcc-99/' auto.conf`,
    hint: /The kernel was built by gcc \(GCC\) 99\.1\.0; here is \S*gcc[^]*Bring the kernel and the compiler to the same state: pacman -Syu/,
  },
  {
    rule: "sandbox",
    conf: 'PRE_BUILD="get.sh"\n',
    script: "#!/bin/sh\necho x > /usr/share/dkms-alpm-hint\n",
    hint: /Report it to the module's maintainer/,
  },
  {
    rule: "running-kernel",
    conf: own,
    makefile: "all:\n\tmake -C /lib/modules/$(shell uname -r)/build M=$(PWD) modules\n",
    hint: /Makefile, line 2, asks for the running kernel/,
  },
  {
    rule: "other-module",
    source: "int exported_by_base(void);\nint use(void);\nint use(void) { return exported_by_base(); }\n",
    hint: /exported_by_base is a symbol of base\/1\. Add BUILD_DEPENDS\[0\]="base"/,
  },
  { rule: "new-kernel", source: "int f(void) { return no_such_function(); }\n", hint: /may not support kernel/ },
];

const closed = { sandbox: "auto", network: "no", readable: [], writable: [], hidden: [], root: "/" } as const;

const machine = await createScene([], linux.both);
test.after(() => machine.dispose());

function layOut(name: string, { conf = "", makefile, script, source = "" }: Partial<Row>): void {
  const folder = `/usr/src/${name}-1`;
  const facts = `PACKAGE_NAME="${name}"\nPACKAGE_VERSION="1"\nBUILT_MODULE_NAME[0]="tiny"\nDEST_MODULE_LOCATION[0]="/updates"\nAUTOINSTALL="yes"\n`;
  machine.write(`${folder}/dkms.conf`, facts + kernelMake(name) + conf);
  machine.write(`${folder}/Makefile`, makefile ?? "obj-m := tiny.o\n");
  machine.write(
    `${folder}/tiny.c`,
    `#include <linux/module.h>\n${source}MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("tiny");\n`,
  );
  if (script !== undefined) machine.write(`${folder}/get.sh`, script);
}

layOut("base", {
  source: "int exported_by_base(void);\nint exported_by_base(void) { return 1; }\nEXPORT_SYMBOL(exported_by_base);\n",
});
await machine.need(["dkms", "add", "base/1"]);

test("every rule has a row", () => {
  assert.equal(
    [...new Set(rows.map(({ rule }) => rule))],
    hintRules.map(({ name }) => name),
  );
});

const build = `/usr/lib/modules/${older}/build`;
await machine.need(["cp", "-a", build, "/root/build"]);

for (const row of rows) {
  const { rule, name = rule, prepare } = row;
  test(`${name}: its hint, and that of no other rule`, async () => {
    layOut(name, row);
    if (row.script !== undefined) await machine.need(["chmod", "755", `/usr/src/${name}-1/get.sh`]);
    if (prepare !== undefined) await machine.need(["sh", "-euc", prepare], { env: { build } });
    const { status, stderr, output: told } = await machine.run(["dkms", "build", `${name}/1`, "-k", older]);
    if (row.doctor !== undefined) assert.match((await machine.run(["dkms", "doctor"])).output, row.doctor);
    if (prepare !== undefined)
      await machine.need(["sh", "-euc", 'rm -r "$build"; cp -a /root/build "$build"'], { env: { build } });
    assert.is.not(status, 0, told);
    assert.match(stderr, row.hint, told);
    const output = machine.read(`/var/log/dkms-alpm/${name}-1-${older}-x86_64.log`);
    const evidence: FailureEvidence = {
      output,
      step: row.script === undefined ? "compiling" : "script",
      module: `${name}/1`,
      release: older,
      running: runningRelease(),
      place: "/var/lib/dkms-alpm/build",
      isOffline: true,
      commands: `${row.conf ?? ""}${row.makefile ?? ""}${row.script?.replace(/^#.*/, "") ?? ""}`,
      runningKernelLines: runningKernelLines("Makefile", row.makefile ?? ""),
      // The host may have what the machine has not; there this rule is asked before the other one.
      sandbox: rule === "running-kernel" ? undefined : closedDoor(closed, output, `/var/lib/dkms/${name}/1`),
      exporterOf: (symbol) => (symbol === "exported_by_base" ? "base/1" : undefined),
      sources: undefined,
    };
    const applying = hintRules.filter(({ apply }) => apply(evidence) !== undefined).map((found) => found.name);
    // The last one is asked only when no other rule explains the failure.
    assert.is(applying[0], rule);
    assert.equal(
      applying.filter((found) => found !== "new-kernel"),
      rule === "new-kernel" ? [] : [rule],
    );
  });
}

test("dkms doctor gives the same hint of each", async () => {
  const { stdout } = await machine.run(["dkms", "doctor", "--json"]);
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly code: string; readonly subject: string; readonly fix: string }[];
  };
  for (const { rule, name = rule, hint } of rows) {
    const found = findings.find(({ code, subject }) => code === "not-installed" && subject.startsWith(`${name}/1 `));
    assert.match(found?.fix ?? stdout, hint);
    assert.match(found?.fix ?? "", `Its last build failed: read /var/log/dkms-alpm/${name}-1-${older}-x86_64.log. `);
  }
});

test("a source that has changed since is to be built again", async () => {
  machine.write("/usr/src/new-kernel-1/tiny.c", "");
  const { stdout } = await machine.run(["dkms", "doctor"]);
  assert.match(stdout, new RegExp(`Fix: dkms install new-kernel/1 -k ${olderPattern}`));
});

test.run();
