/** Real modules that fail, each for a reason of its own: the hint fits, and no rule explains the failure of another. */
import { release as runningRelease } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { closedDoor } from "../../../src/act/sandbox/closed-door.ts";
import { hintRules } from "../../../src/decide/hints/rules.ts";
import { runningKernelLines } from "../../../src/model/health/health.ts";
import type { FailureEvidence } from "../../../src/model/run/failure-evidence.ts";
import { createScene, linux, older } from "../scenario.ts";

interface Row {
  readonly rule: string;
  /** Beyond what every module has. */
  readonly conf?: string;
  readonly makefile?: string;
  readonly script?: string;
  readonly source?: string;
  readonly hint: RegExp;
}

const kernelMake = (name: string): string =>
  `MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/${name}/1/build modules"\n`;
const own = 'MAKE[0]="make -f Makefile"\n';

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
    rows.map(({ rule }) => rule),
    hintRules.map(({ name }) => name),
  );
});

for (const row of rows) {
  test(`${row.rule}: its hint, and that of no other rule`, async () => {
    layOut(row.rule, row);
    if (row.script !== undefined) await machine.need(["chmod", "755", `/usr/src/${row.rule}-1/get.sh`]);
    const { status, stderr, output: told } = await machine.run(["dkms", "build", `${row.rule}/1`, "-k", older]);
    assert.is.not(status, 0, told);
    assert.match(stderr, row.hint);
    const output = machine.read(`/var/log/dkms-alpm/${row.rule}-1-${older}-x86_64.log`);
    const evidence: FailureEvidence = {
      output,
      step: row.script === undefined ? "compiling" : "script",
      module: `${row.rule}/1`,
      release: older,
      running: runningRelease(),
      place: "/var/lib/dkms-alpm/build",
      isOffline: true,
      commands: `${row.conf ?? ""}${row.makefile ?? ""}${row.script?.replace(/^#.*/, "") ?? ""}`,
      runningKernelLines: runningKernelLines("Makefile", row.makefile ?? ""),
      // The host may have what the machine has not; there this rule is asked before the other one.
      sandbox: row.rule === "running-kernel" ? undefined : closedDoor(closed, output, `/var/lib/dkms/${row.rule}/1`),
      exporterOf: (symbol) => (symbol === "exported_by_base" ? "base/1" : undefined),
      sources: undefined,
    };
    const applying = hintRules.filter(({ apply }) => apply(evidence) !== undefined).map(({ name }) => name);
    // The last one is asked only when no other rule explains the failure.
    assert.is(applying[0], row.rule);
    assert.equal(
      applying.filter((name) => name !== "new-kernel"),
      row.rule === "new-kernel" ? [] : [row.rule],
    );
  });
}

test("dkms doctor gives the same hint of each", async () => {
  const { stdout } = await machine.run(["dkms", "doctor", "--json"]);
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly code: string; readonly subject: string; readonly fix: string }[];
  };
  for (const { rule, hint } of rows) {
    const found = findings.find(({ code, subject }) => code === "not-installed" && subject.startsWith(`${rule}/1 `));
    assert.match(found?.fix ?? stdout, hint);
    assert.match(found?.fix ?? "", `Its last build failed: read /var/log/dkms-alpm/${rule}-1-${older}-x86_64.log. `);
  }
});

test("a source that has changed since is to be built again", async () => {
  machine.write("/usr/src/new-kernel-1/tiny.c", "");
  const { stdout } = await machine.run(["dkms", "doctor"]);
  assert.match(stdout, new RegExp(`Fix: dkms install new-kernel/1 -k ${older}`));
});

test.run();
