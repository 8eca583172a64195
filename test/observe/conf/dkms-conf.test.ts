/** dkms.conf as bash evaluates it: variables, the two expansions, arrays, overrides, assignments from outside. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { directiveNames } from "../../../src/model/conf/raw-conf.ts";
import type { DirectiveName } from "../../../src/model/conf/raw-conf.ts";
import { overrideNames } from "../../../src/observe/conf/conf-files.ts";
import { evaluateConfs, type ConfRequest } from "../../../src/observe/conf/dkms-conf.ts";
import { forgetRecent } from "../../../src/observe/recent-answers.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import { processorMilliseconds } from "../../processor-time.ts";
import { evaluate, kinds, requestFor, scratch, value, variables, write } from "./scratch.ts";

for (const [name, expected] of Object.entries(variables)) {
  test(`a conf can read $${name}, in both expansions`, async () => {
    const conf = await evaluate(`POST_ADD="first:$${name}:"; POST_BUILD='second:$${name}:'`);
    assert.is(value(conf, "POST_ADD"), `first:${expected}:`);
    assert.is(value(conf, "POST_BUILD"), `second:${expected}:`);
  });
}

for (const name of directiveNames) {
  test(`${name} comes back`, async () => {
    const conf = await evaluate(`${name}="a value"; ${name}[3]=three`);
    assert.is(value(conf, name, 0), "a value");
    assert.is(value(conf, name, 3), "three");
    assert.equal(conf.problems, []);
  });
  test(`${name} cannot come from the environment`, async () => {
    const conf = await evaluate(": nothing", {}, { environment: { PATH: "/usr/bin:/bin", [name]: "injected" } });
    assert.is(conf.directives.size, 0);
  });
}

write("globs/one.c", "");
write("globs/two.c", "");

type Row = readonly [what: string, text: string, name: DirectiveName, expected: string | undefined];

const rows: readonly Row[] = [
  ["a scalar is element 0", "PACKAGE_NAME=zfs", "PACKAGE_NAME", "zfs"],
  ["runs of blanks become one", "MAKE='a   b\t\tc'", "MAKE", "a b c"],
  ["newlines become blanks", "MAKE='a\n\n  b'", "MAKE", "a b"],
  ["blanks at both ends become one each", "MAKE='   a   '", "MAKE", " a "],
  ["only blanks", "MAKE='   '", "MAKE", " "],
  ["the empty text", "MAKE=", "MAKE", ""],
  ["globs that match expand", "MAKE='cc globs/*.c end'", "MAKE", "cc globs/one.c globs/two.c end"],
  ["globs that match nothing stay", "MAKE='cc none/*.c'", "MAKE", "cc none/*.c"],
  ["a glob alone stays, quotes touch it", "MAKE='globs/*'", "MAKE", "globs/*"],
  [
    "variables in single quotes expand",
    "MAKE='make -C $kernel_source_dir'",
    "MAKE",
    `make -C ${variables.kernel_source_dir}`,
  ],
  ["commands in single quotes run", "MAKE='a $(echo b) `echo c`'", "MAKE", "a b c"],
  ["arithmetic in single quotes", "MAKE='j$((2 + 3))'", "MAKE", "j5"],
  ["a conf's own variable is unset then", "own=x; MAKE='a${own}b'", "MAKE", "ab"],
  ["a conf's own function is unset then", "own() { echo x; }; MAKE='a$(own 2>/dev/null)b'", "MAKE", "ab"],
  ["earlier directives are there", "PACKAGE_NAME=zfs; MAKE='build $PACKAGE_NAME'", "MAKE", "build zfs"],
  ["positional parameters are not", "MAKE='a$1$2b'", "MAKE", "ab"],
  ["an escaped dollar survives", String.raw`MAKE='a \$HOME'`, "MAKE", "a $HOME"],
  ["an escaped backslash", String.raw`MAKE='a \\ b'`, "MAKE", String.raw`a \ b`],
  [
    "a backslash before another letter stays",
    String.raw`MAKE='find -exec {} \;'`,
    "MAKE",
    String.raw`find -exec {} \;`,
  ],
  ["an escaped quote", String.raw`MAKE='a \"b c\" d'`, "MAKE", 'a "b c" d'],
  ["a literal quote survives", `MAKE='make CFLAGS="-O2 -g"'`, "MAKE", 'make CFLAGS="-O2 -g"'],
  ["a single literal quote", `MAKE='echo 5"'`, "MAKE", 'echo 5"'],
  ["quotes inside a command belong to it", `MAKE='a $(echo "b  c") "d"'`, "MAKE", 'a b c "d"'],
  ["quotes inside backticks", `MAKE='"a" \`echo "b"\` "c"'`, "MAKE", '"a" b "c"'],
  ["quotes inside braces", `MAKE='\${nothing:-"b c"} "d"'`, "MAKE", 'b c "d"'],
  ["a closing parenthesis in a case", `MAKE='$(case x in x) echo "y";; esac) "z"'`, "MAKE", 'y "z"'],
  ["CRLF", 'PACKAGE_NAME=zfs\r\nMAKE="make all"\r\n', "MAKE", "make all"],
  ["CRLF in arrays", "BUILT_MODULE_NAME[0]=a\r\nBUILT_MODULE_NAME[1]=b\r\n", "BUILT_MODULE_NAME", "a"],
  ["conditionals", "if [[ $arch = x86_64 ]]; then MAKE=yes; else MAKE=no; fi", "MAKE", "yes"],
  ["loops and +=", "for i in a b; do MAKE+=$i; done", "MAKE", "ab"],
  ["functions", "f() { MAKE=$1; }; f x", "MAKE", "x"],
  ["extended globs", "[[ $kernelver == @(6|7).* ]] && MAKE=x", "MAKE", "x"],
  ["declare -a", "declare -a MAKE=(x y)", "MAKE", "x"],
  ["export", "export MAKE=x", "MAKE", "x"],
  ["its own path", "MAKE=${BASH_SOURCE[0]##*/}", "MAKE", "dkms.conf"],
  ["the shell's name", "MAKE=$0", "MAKE", "dkms"],
  ["return ends the file, not more", "MAKE=x; return 3; MAKE=y", "MAKE", "x"],
  ["a failing last command is no error", "MAKE=x; [[ a == b ]] && MAKE=y", "MAKE", "x"],
  ["an unset directive is absent", "MAKE=x; unset MAKE", "MAKE", undefined],
  ["other characters", "MAKE='Grüße — ☃'", "MAKE", "Grüße — ☃"],
  ["a value like our own words", "POST_ADD=end; MAKE='=end'", "MAKE", "=end"],
];
for (const [what, text, name, expected] of rows) {
  test(`evaluation: ${what}`, async () => {
    const conf = await evaluate(text);
    assert.equal(conf.problems, []);
    assert.is(value(conf, name), expected);
  });
}

test("what a conf prints is dropped, what it complains of is kept", async () => {
  const conf = await evaluate("echo noise; echo trouble >&2; echo more >/dev/stderr; MAKE=x");
  assert.is(conf.stderr, "trouble\nmore\n");
  assert.is(value(conf, "MAKE"), "x");
});

test("stdin is empty and the working directory is the caller's", async () => {
  const conf = await evaluate("read -r line || MAKE=$PWD");
  assert.is(value(conf, "MAKE"), scratch);
});

test("arrays may have holes", async () => {
  const conf = await evaluate("PATCH[2]=b; PATCH[40]=c; PATCH[0]=a");
  assert.equal(Array.from(conf.directives.get("PATCH")?.values ?? []), [
    [0, "a"],
    [2, "b"],
    [40, "c"],
  ]);
});

test("scalars and arrays are told apart", async () => {
  const conf = await evaluate("BUILD_EXCLUSIVE_KERNEL=x; BUILD_EXCLUSIVE_ARCH[0]=y");
  assert.is(conf.directives.get("BUILD_EXCLUSIVE_KERNEL")?.form, "scalar");
  assert.is(conf.directives.get("BUILD_EXCLUSIVE_ARCH")?.form, "array");
});

test("bash judges regular expressions, against the kernel or the architecture", async () => {
  const conf = await evaluate(
    `MAKE_MATCH=('^6\\.[0-9]+' '^5' '(' '' 'arch1|lts'); BUILD_EXCLUSIVE_ARCH='^x86(_64)?$'; PATCH_MATCH[7]='\${arch}'`,
  );
  assert.equal(Array.from(conf.directives.get("MAKE_MATCH")?.verdicts.values() ?? []), [
    "matches",
    "differs",
    "invalid",
    "matches",
    "matches",
  ]);
  assert.is(conf.directives.get("BUILD_EXCLUSIVE_ARCH")?.verdicts.get(0), "matches");
  assert.is(conf.directives.get("PATCH_MATCH")?.verdicts.get(7), "differs");
});

test("overrides are sourced after the conf and see its variables", async () => {
  const overrides = [write("o/a.conf", "MAKE+=-$own\nown=a"), write("o/b.conf", "MAKE+=-$own\nAUTOINSTALL=no")];
  const conf = await evaluate("own=conf; MAKE=make; AUTOINSTALL=yes", { overrides });
  assert.is(value(conf, "MAKE"), "make-conf-a");
  assert.is(value(conf, "AUTOINSTALL"), "no");
});

test("names of overrides, in their order", () => {
  const module = { name: moduleName("zfs"), version: moduleVersion("2.2") };
  const kernel = { release: kernelRelease("6.6"), arch: architecture("x86_64") };
  assert.equal(overrideNames(module, kernel), [
    "zfs.conf",
    "zfs-2.2.conf",
    "zfs-2.2-6.6.conf",
    "zfs-2.2-6.6-x86_64.conf",
    "zfs--6.6.conf",
    "zfs--6.6-x86_64.conf",
  ]);
});

const assignments: readonly (readonly [what: string, directives: readonly string[], expected: string])[] = [
  ["replaces a scalar", ["MAKE=new one"], "new one"],
  ["replaces element 0 only", ["MAKE=x=y"], "x=y"],
  ["without = the name is the value", ["MAKE"], "MAKE"],
  ["the last one counts", ["MAKE=a", "MAKE=b"], "b"],
  ["is expanded like a value of the conf", ["MAKE=make  -C $kernelver"], `make -C ${variables.kernelver}`],
];
for (const [what, directives, expected] of assignments) {
  test(`an assignment from the command line: ${what}`, async () => {
    const conf = await evaluate("MAKE=(old second)", { directives });
    assert.is(value(conf, "MAKE", 0), expected);
    assert.is(value(conf, "MAKE", 1), "second");
    assert.equal(conf.problems, []);
  });
}

test("an assignment is exported to what the values run", async () => {
  const conf = await evaluate("MAKE=x", { directives: ["FOO=bar"] });
  assert.equal(conf.problems, []);
  const wrong = await evaluate("MAKE=x", { directives: ["not a name=bar"] });
  assert.equal(kinds(wrong), ["bad-assignment"]);
  assert.match(wrong.problems[0]?.message ?? "", "not a name=bar");
});

test("variables DKMS_DIRECTIVE* assign, from the environment and from the conf; the command line beats them", async () => {
  const environment = { PATH: "/usr/bin:/bin", DKMS_DIRECTIVE_1: "MAKE=environment", DKMS_DIRECTIVE: "STRIP=no" };
  const conf = await evaluate("MAKE=x; DKMS_DIRECTIVE_9='PATCH=conf'", {}, { environment });
  assert.is(value(conf, "MAKE"), "environment");
  assert.is(value(conf, "STRIP"), "no");
  assert.is(value(conf, "PATCH"), "conf");
  const beaten = await evaluate("MAKE=x", { directives: ["MAKE=line"] }, { environment });
  assert.is(value(beaten, "MAKE"), "line");
});

test("answers have the order of the requests", async () => {
  const requests = Array.from({ length: 30 }, (_, index) => requestFor(`PACKAGE_NAME=m${index}; echo e${index} >&2`));
  const confs = await evaluateConfs(requests);
  for (const [index, conf] of confs.entries()) {
    assert.is(value(conf, "PACKAGE_NAME"), `m${index}`);
    assert.is(conf.stderr, `e${index}\n`);
    assert.is(conf.path, requests[index]?.path);
  }
});

test("what a conf complains of last is kept whole", async () => {
  const requests = Array.from({ length: 20 }, () => requestFor('printf "%0900000d" 1 >&2; PACKAGE_NAME=$(echo x)'));
  const confs = await evaluateConfs(requests);
  assert.equal([...new Set(confs.map((conf) => conf.stderr.length))], [900_000]);
});

/** Where a conf can count how often it is evaluated. */
const outside = { sandbox: "no" } as const;

test("what has been evaluated is not evaluated again until a file changes or something is carried out", async () => {
  const counter = write("counter", "");
  const evaluations = (): number => readFileSync(counter, "utf8").length;
  const text = (name: string): string => `PACKAGE_NAME=${name}; printf x >>${counter}`;
  const override = write("override.conf", "STRIP=no\n");
  const requests = [requestFor(text("a"), { overrides: [override] }), requestFor(text("b"))];
  const names = async (asked: readonly ConfRequest[]): Promise<string> =>
    (await evaluateConfs(asked, outside)).map((conf) => value(conf, "PACKAGE_NAME")).join(" ");
  assert.is(await names(requests), "a b");
  assert.is(await names(requests), "a b");
  assert.is(evaluations(), 2);

  const third = requestFor(text("c"));
  assert.is(await names([third, ...requests]), "c a b");
  assert.is(evaluations(), 3, "only what is new");
  write("override.conf", "STRIP=yes\n");
  assert.is(await names([third, ...requests]), "c a b");
  assert.is(evaluations(), 4, "only what has another override");
  writeFileSync(requests[1]?.path ?? "", text("d"));
  assert.is(await names(requests), "a d");
  assert.is(evaluations(), 5, "only what has changed");
  forgetRecent();
  assert.is(await names(requests), "a d");
  assert.is(evaluations(), 7);
  await evaluateConfs(requests, { cwd: scratch, ...outside });
  assert.is(evaluations(), 9, "elsewhere it may say something else");
});

test("what kills its shell is asked again", async () => {
  const counter = write("killed", "");
  const request = requestFor(`printf x >>${counter}; kill -KILL $$`);
  for (const _ of [1, 2]) assert.is((await evaluateConfs([request], outside))[0]?.problems[0]?.kind, "killed");
  assert.is(readFileSync(counter, "utf8"), "xx");
});

test("no requests need no bash", async () => assert.equal(await evaluateConfs([]), []));

test("more words than one program can take are spread over several", async () => {
  const requests = Array.from({ length: 40 }, () =>
    requestFor("MAKE=$big", { variables: { big: "x".repeat(90_000) } }),
  );
  const confs = await evaluateConfs(requests);
  assert.ok(confs.every((conf) => value(conf, "MAKE")?.length === 90_000));
});

test("100 usual confs take as long as some hundred starts of bash", async () => {
  const text = `PACKAGE_NAME=v4l2loopback
PACKAGE_VERSION=0.12.7
MAKE[0]="make KERNEL_DIR=\${kernel_source_dir} all"
CLEAN="make clean"
BUILT_MODULE_NAME[0]="$PACKAGE_NAME"
DEST_MODULE_LOCATION[0]="/extra"
AUTOINSTALL="yes"
`;
  const requests = Array.from({ length: 100 }, () => requestFor(text));
  const before = processorMilliseconds();
  for (const _ of requests) spawnSync("bash", ["--norc", "--noprofile", "-c", ":"]);
  const started = processorMilliseconds();
  const confs = await evaluateConfs(requests);
  const starts = (processorMilliseconds() - started) / ((started - before) / requests.length);
  assert.ok(confs.every((conf) => value(conf, "BUILT_MODULE_NAME") === "v4l2loopback"));
  assert.ok(starts < 600, `as long as ${starts.toFixed(0)} starts`);
});

test.run();
