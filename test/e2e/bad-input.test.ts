/** Bad input: one clear message that says what and where, the documented exit code, and nothing changed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programs as programTables } from "../../scripts/generate/programs.ts";
import type { CommandResult } from "./command.ts";
import { createScene, linux, linuxLts, older, type Scene } from "./scenario.ts";

const conf = (name: string, version: string): string =>
  `PACKAGE_NAME="${name}"\nPACKAGE_VERSION="${version}"\nBUILT_MODULE_NAME="tiny"\nDEST_MODULE_LOCATION="/updates"\n`;

/** Below /usr/src: what is wrong with each of these, its name says. */
function layOut(machine: Scene): void {
  machine.write("/usr/src/good-1/dkms.conf", conf("good", "1"));
  machine.write("/usr/src/good-1/Makefile", "obj-m := tiny.o\n");
  for (const version of ["1", "2"]) machine.write(`/usr/src/twice-${version}/dkms.conf`, conf("twice", version));
  machine.write("/usr/src/no-conf-1/Makefile", "");
  machine.write("/usr/src/folder-conf-1/dkms.conf/file", "");
  machine.write("/usr/src/no-name-1/dkms.conf", conf("", "1").replace(/.*\n/, ""));
  machine.write("/usr/src/syntax-1/dkms.conf", `${conf("syntax", "1")}if [ -n "$x" ; then (\n`);
  machine.write("/usr/src/garbage-1/dkms.conf", "\u0000\u0001\u0002\u00ff\u001b[31m\n");
  machine.write("/usr/src/location-1/dkms.conf", conf("location", "1").replace("/updates", "../../etc"));
  machine.write("/usr/src/evil-name-1/dkms.conf", conf("../evil", "1"));
  machine.write("/usr/src/evil-version-1/dkms.conf", conf("evil", "../../1"));
  machine.write("/usr/src/suffix-1/dkms.conf", conf("suffix", "1").replace("tiny", "tiny.ko"));
}

/** The words of a command line, its exit code, and what its message must say. */
type Row = readonly [words: string, status: number, ...says: readonly (string | RegExp)[]];

const rows: readonly Row[] = [
  ["dkms", 2, "command"],
  ["dkms frobnicate", 2, "frobnicate"],
  ["dkms frobnicate good/1", 2, "frobnicate"],
  ["dkms status --frobnicate", 2, "--frobnicate"],
  ["dkms build good/1 --frobnicate=yes", 2, "--frobnicate"],
  ["dkms build install good/1", 4, "build", "install"],
  ["dkms install", 1, "dkms install"],
  ["dkms uninstall good", 1, "version"],
  ["dkms install twice", 1, "version", "1, 2"],
  ["dkms twice install", 1, "version", "1, 2"],
  ["dkms install nobody", 1, "version", "no source of nobody in /usr/src", "pacman -Qs nobody"],
  ["dkms instal good/1", 2, "Did you mean install?"],
  ["dkms stauts", 2, "Did you mean status?"],
  ["dkms auto", 2, "Did you mean autoinstall?"],
  ["dkms help frobnicate", 2, "frobnicate"],
  ["dkms frobnicate --help", 2, "frobnicate"],
  ["dkms build good/1 --kernelvr 6.1", 2, "Did you mean --kernelver?", "dkms --help"],
  ["dkms build good/1 -z", 2, "Unknown option: -z"],
  ["dkms build good/1 -k", 16, "--kernelver needs a value"],
  ["dkms generate_mok --json", 2, "--json does not go with generate_mok"],
  ["dkms why", 2, "dkms why MODULE", "dkms why --help"],
  ["dkms why goood", 3, "goood is not known", "Did you mean good?"],
  ["dkms log", 1, "No build has left a log"],
  ["dkms log good", 1, "no log of good."],
  ["dkms log good/1 -k 6.1", 1, "no log of good/1 for 6.1."],
  ["dkms report --last many", 2, "many"],
  ["dkms guard --once maybe", 2, "warn or off"],
  ["dkms mkpkg good/1 --repo /srv --output /srv", 2, "exclude each other"],
  ["dkms match", 1, "--templatekernel"],
  ["dkms match --templatekernel linux -k linux", 2, "the same", older],
  ["dkms ldtarball", 2, "tarball"],
  ["dkms mktarball good/1 --binaries-only --source-only", 8, "exclude each other"],

  ["dkms-hookgen", 2, "Which module package", "dkms-hookgen --help"],
  ["dkms-hookgen zfs-dkms", 2, "Which kernel package"],
  ["dkms-hookgen --frce zfs-dkms linux", 2, "Did you mean --force?"],
  ["dkms-hookgen --hookdir /srv/nowhere zfs-dkms linux", 2, "There is no directory /srv/nowhere"],
  ["dkms-hookgen --generator grub zfs-dkms linux", 2, "mkinitcpio, dracut, booster"],
  ["dkms-hookgen --generator mkinitcpio zfs linux", 2, "Did you mean zfs-dkms?", "--force"],
  ["dkms-hookgen --generator mkinitcpio zfs-dkms linx", 2, "Did you mean linux?"],
  ["dkms-hookgen --list --force", 2, "--force does not go with --list"],
  ["dkms-pkgbuild", 2, "No command given", "dkms-pkgbuild --help"],
  ["dkms-pkgbuild nwe /usr/src/good-1", 2, "Did you mean new?"],
  ["dkms-pkgbuild lint --force", 2, "--force does not go with lint"],
  ["dkms-pkgbuild new --output", 2, "--output needs a value"],
  ["/usr/lib/dkms-alpm/bin/dkms-guard --frobnicate", 2, "--frobnicate"],
  ["/usr/lib/dkms-alpm/bin/dkms-guard word", 2, "Extra argument: word"],
  ["/usr/lib/dkms-alpm/bin/dkms-report --lsat", 2, "Did you mean --last?"],
  ["/usr/lib/dkms-alpm/bin/dkms-install --dry-run=yes", 2, "takes no value"],
  ["/usr/lib/dkms-alpm/bin/dkms-report --last word", 2, "Extra argument: word"],
  ["/usr/lib/dkms-alpm/bin/dkms-report --kernel", 2, "--kernel needs a value"],
  ["/usr/lib/dkms-alpm/bin/dkms-remove --quiett", 2, "Did you mean --quiet?", "dkms-remove --help"],
  ["/usr/lib/dkms-alpm/bin/dkms-install word", 2, "Extra argument: word"],
  ["/usr/lib/dkms-alpm/bin/dkms-initramfs", 2, "mkinitcpio, dracut, booster", "dkms-initramfs --help"],
  ["/usr/lib/dkms-alpm/bin/dkms-initramfs grub linux", 2, "not grub"],
  ["/usr/lib/dkms-alpm/bin/dkms-initramfs mkinitcpio", 2, "one kernel package"],
  ["/usr/lib/dkms-alpm/bin/dkms-initramfs mkinitcpio ../linux", 2, "../linux"],
  ["/usr/lib/dkms-alpm/bin/dkms-initramfs --dryrun mkinitcpio linux", 2, "Did you mean --dry-run?"],
  ["dkms-pkgbuild lint --dry-run", 2, "--dry-run does not go with lint"],
  ["dkms-pkgbuild new", 2, "One directory or tarball"],
  ["dkms-hookgen --lint --dry-run", 2, "--dry-run does not go with --lint"],
  ["dkms check --frobnicate", 3, "--frobnicate", "dkms --help"],
  ["dkms check --force", 3, "--force does not go with check", "dkms check --help"],
  ["dkms check --timeout soon", 3, "soon"],
  ["dkms report --dry-run", 2, "--dry-run does not go with report"],
  ["dkms doctor --fix", 2, "--yes"],
  ["dkms doctor --fix --json", 2, "--json does not go with --fix"],
  ["dkms add good/1 --all", 5, "--all"],
  ["dkms remove good/1 --all -k 6.1", 2, "--all", "-k"],
  ["dkms remove good/1 --all -a x86_64", 3, "--all", "-a"],
  ["dkms autoinstall -k 6.1 -k 6.2", 4, "autoinstall"],
  ["dkms build good/1 -k 1 -a a -a b", 1, /2 arch/],
  ["dkms build good/1 -j many", 2, "many"],

  ["dkms add absent/1", 2, "/usr/src/absent-1"],
  ["dkms add no-conf/1", 4, "/usr/src/no-conf-1/dkms.conf"],
  ["dkms add folder-conf/1", 4, "/usr/src/folder-conf-1/dkms.conf"],
  ["dkms add no-name/1", 8, "PACKAGE_NAME", "/usr/src/no-name-1/dkms.conf"],
  ["dkms add syntax/1", 8, "/usr/src/syntax-1/dkms.conf", "syntax error"],
  ["dkms add garbage/1", 8, "/usr/src/garbage-1/dkms.conf"],
  ["dkms add location/1", 8, "/usr/src/location-1/dkms.conf", "DEST_MODULE_LOCATION"],
  ["dkms add suffix/1", 8, "/usr/src/suffix-1/dkms.conf", "BUILT_MODULE_NAME"],
  [`dkms install syntax/1 -k ${older}`, 8, "/usr/src/syntax-1/dkms.conf"],

  ["dkms add -m ../evil -v 1", 2, '".."'],
  ["dkms add -m .. -v 1", 2, '".."'],
  ["dkms add good/1/2", 2, "1/2", "slash"],
  ["dkms install -m good -v ../../etc", 2, "../../etc"],
  ["dkms build good/1 -k ../../etc", 2, '".."'],
  [`dkms build good/1 -k ${older} -a ..`, 2, '".."'],

  [`dkms remove good/1 -k ${older}`, 3, "good/1"],
  ["dkms uninstall absent/1 --all", 3, "absent/1"],
  ["dkms remove -m guard -v 1 --all", 3, "guard/1"],
];

// One kernel without headers, one with.
const machine = await createScene([]);
await machine.commit("-U", linux.kernel, ...linuxLts.both);
layOut(machine);

for (const [words, status, ...says] of rows) {
  test(words, async () => refusal(await untouched(words.split(" ")), status, says));
}

for (const [words, says] of [
  [`dkms build good/1 -k ${older}`, [older, "pacman -S linux-headers"]],
  [`dkms install good/1 -k ${older}`, [older, "pacman -S linux-headers"]],
  ["dkms install good/1 -k 9.9.9-none", ["9.9.9-none"]],
] as const) {
  test(`${words}: the module is registered, as with dkms, and nothing else`, async () => {
    const { status, output, stderr } = await machine.run(words.split(" "));
    assert.is(status, 21, output);
    assert.match(stderr, /^==> ERROR: \S/);
    saysClearly(stderr, says);
    assert.equal(await machine.status(), ["good/1: added"]);
    await machine.need(["dkms", "remove", "good/1", "--all"]);
  });
}

test("an empty kernel release", async () => {
  refusal(await untouched(["dkms", "build", "good/1", "-k", ""]), 16, ["-k"]);
});

test("a module name with a control character", async () => {
  refusal(await untouched(["dkms", "add", "-m", "go\u001bod", "-v", "1"]), 2, ["control character"]);
});

const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups".split(" ");

for (const words of ["add good/1", `install good/1 -k ${older}`, "autoinstall"]) {
  test(`dkms ${words} by somebody who is not root`, async () => {
    refusal(await untouched([...nobody, "dkms", ...words.split(" ")]), 1, ["root"]);
  });
}

test("dkms-hookgen by somebody who is not root", async () => {
  const words = "dkms-hookgen --generator mkinitcpio --force zfs-dkms linux".split(" ");
  refusal(await untouched([...nobody, ...words]), 1, ["permission denied", "Run the command with sudo."]);
});

test("dkms remove of what is not there by somebody who is not root", async () => {
  refusal(await untouched([...nobody, "dkms", "remove", "good/1", "--all"]), 3, ["good/1"]);
});

test("the table has at least 60 wrong inputs, and some for every program", () => {
  assert.ok(rows.length >= 60, String(rows.length));
  for (const { name } of programTables)
    assert.ok(
      rows.some(([words]) => words.split(" ", 1)[0]?.endsWith(name)),
      name,
    );
});

test("dkms install good/1 -k linux means the kernel of that package", async () => {
  const { status, stderr } = await machine.run(["dkms", "build", "good/1", "-k", "linux"]);
  assert.is(status, 21);
  assert.match(stderr, `headers of kernel ${older}`);
  await machine.need(["dkms", "remove", "good/1", "--all"]);
});

test("a match that has nothing to do says so, by the names of packages too", async () => {
  const { status, stdout } = await machine.run("dkms match --templatekernel linux-lts -k linux".split(" "));
  assert.is(status, 0);
  assert.match(stdout, /^Nothing to do: no module is installed for \S+ that is not installed for \S+\.$/m);
});

test("an unknown kernel: those that are there are named", async () => {
  const { stderr } = await machine.run(["dkms", "build", "good/1", "-k", "9.9.9-none"]);
  assert.match(stderr, `Kernels here: linux ${older}`);
  await machine.need(["dkms", "remove", "good/1", "--all"]);
});

test("one version is there, so none has to be named", async () => {
  const { status, stdout } = await machine.run(["dkms", "add", "good"]);
  assert.is(status, 0);
  assert.match(stdout, "Added good/1");
  await machine.need(["dkms", "remove", "good/1", "--all"]);
});

test("dkms status and --help need no root", async () => {
  for (const word of ["status", "--help", "--version"]) {
    const result = await machine.run([...nobody, "dkms", word]);
    assert.is(result.status, 0, result.output);
    assert.is(result.stderr, "");
  }
});

test("settings that a user may not read do not keep him from looking", async () => {
  const closed = ["/etc/dkms-alpm.conf", "/etc/dkms/framework.conf.d"];
  await machine.need(["mkdir", "-p", closed[1] ?? ""]);
  await machine.need(["chmod", "go=", ...closed]);
  try {
    const { status, stderr } = await machine.run([...nobody, "dkms", "status"]);
    assert.is(status, 0, stderr);
    saysClearly(stderr, closed);
    const doctor = await machine.run([...nobody, "dkms", "doctor", "--json"]);
    assert.is((JSON.parse(doctor.stdout) as { format: number }).format, 1, doctor.output);
  } finally {
    await machine.need(["chmod", "go=rX", ...closed]);
  }
});

test("a check that cannot begin has found out nothing: status 3, and a document that says why", async () => {
  await machine.need(["mkdir", "-p", "/var/cache/dkms-alpm"]);
  await machine.need(["mv", "/var/cache/dkms-alpm", "/var/cache/aside"]);
  machine.write("/var/cache/dkms-alpm", "");
  try {
    const { status, stdout, output } = await machine.run(["dkms", "check", "--json"]);
    assert.is(status, 3, output);
    const { verdict, doubts } = JSON.parse(stdout) as { verdict: string; doubts: readonly string[] };
    assert.is(verdict, "unknown");
    saysClearly(doubts.join(" "), ["/var/cache/dkms-alpm"]);
  } finally {
    await machine.need(["rm", "/var/cache/dkms-alpm"]);
    await machine.need(["mv", "/var/cache/aside", "/var/cache/dkms-alpm"]);
  }
});

const programs = "/usr/lib/dkms-alpm/bin";

for (const name of ["dkms-install", "dkms-remove"]) {
  test(`${name} by somebody who is not root`, async () => {
    const result = await untouched([...nobody, `${programs}/${name}`], "usr/src/good-1/dkms.conf\n");
    refusal(result, 1, ["root"]);
  });

  test(`${name} --frobnicate`, async () => {
    refusal(await untouched([`${programs}/${name}`, "--frobnicate"]), 2, ["--frobnicate"]);
  });
}

for (const name of ["no-name", "syntax", "garbage", "evil-name", "evil-version"]) {
  test(`a transaction that brings the source ${name}-1`, async () => {
    const result = await untouched([`${programs}/dkms-install`], `usr/src/${name}-1/dkms.conf\n`);
    assert.is(result.status, 1, result.output);
    saysClearly(result.output, [`/usr/src/${name}-1/dkms.conf`]);
  });
}

test.after(() => machine.dispose());

/** Runs a command that must leave everything as it is. */
async function untouched(argv: readonly string[], input = ""): Promise<CommandResult> {
  const before = await machine.snapshot();
  const result = await machine.run(argv, { input });
  assert.equal(await machine.changesSince(before), [], result.output);
  return result;
}

/** Checks that a command refused its work, with this exit code and for these reasons. */
function refusal(result: CommandResult, status: number, says: readonly (string | RegExp)[]): void {
  assert.is(result.status, status, result.output);
  assert.is(result.stdout, "");
  assert.match(result.stderr, /^==> ERROR: \S/);
  saysClearly(result.stderr, says);
}

function saysClearly(text: string, says: readonly (string | RegExp)[]): void {
  for (const said of says) assert.match(text, said, text);
  assert.not.match(text, /^ {4}at |has a bug/m, text);
  assert.not.match(text, /[\u0000-\u0008\u000b-\u001f]/, "control characters");
  assert.ok(text.split("\n").every((line) => line.length <= 300) && text.split("\n").length <= 12, text);
}

test.run();
