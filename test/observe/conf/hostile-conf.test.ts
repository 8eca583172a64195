/** Confs that do their worst: each may spoil its own result, none that of another, and none may hang or outlive the run. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluateConfs } from "../../../src/observe/conf/dkms-conf.ts";
import { evaluate, kinds, requestFor, scratch, value, write } from "./scratch.ts";

const good = "PACKAGE_NAME=good; PACKAGE_VERSION=1; MAKE='make -C $kernelver'";

/** Between two good confs in one run. */
async function among(text: string | Buffer, silenceSeconds = 5) {
  const requests = [requestFor(good), requestFor(text), requestFor(good)];
  const [before, conf, after] = await evaluateConfs(requests, { cwd: scratch, silenceSeconds });
  for (const other of [before, after]) {
    assert.equal(other?.problems, []);
    assert.is(other && value(other, "MAKE"), "make -C 6.6.1-arch1-1");
    assert.is(other?.directives.size, 3);
  }
  if (conf === undefined) throw new Error("There is no answer.");
  return conf;
}

const harmless: Readonly<Record<string, string>> = {
  "set -e": "set -e; MAKE=x",
  "set -u": "set -u; MAKE=x",
  "set -x": "set -x; MAKE=x",
  "cd /": "cd /; MAKE=x",
  "IFS changed": "IFS=x; MAKE=x",
  "IFS unset": "unset IFS; MAKE=x",
  "umask and ulimit": "umask 777; ulimit -c 0; MAKE=x",
  "exit trap": "trap 'echo bye >&2; exit 3' EXIT; MAKE=x",
  "debug trap": "trap 'MAKE=y' DEBUG; MAKE=x; trap - DEBUG; MAKE=x",
  "return trap": "trap 'echo x' RETURN; MAKE=x",
  "printf redefined": "printf() { echo bad; }; MAKE=x",
  "everything redefined":
    "unset() { :; }; trap() { :; }; set() { :; }; eval() { :; }; local() { :; }; shopt() { :; }; export() { :; }; builtin() { :; }; printf() { :; }; source() { :; }; read() { :; }; MAKE=x",
  aliases: "shopt -s expand_aliases; alias printf='echo bad' local=false for=bad; MAKE=x",
  "stdout closed": "exec >&-; MAKE=x",
  "stdout elsewhere": "exec >/dev/full; echo; MAKE=x",
  "stderr closed": "exec 2>&-; MAKE=x",
  "stdin read": "cat >/dev/null; MAKE=x",
  "low descriptors closed": "exec 3>&- 4>&- 5>&- 10>&- 63>&- 249>&-; MAKE=x",
  "posix mode": "set -o posix; MAKE=x",
  "failglob and nullglob": "shopt -s failglob nullglob; MAKE=x",
  nocasematch: "shopt -s nocasematch; MAKE=x",
  "a readonly directive": "readonly MAKE=x",
  "our helper variables": "_dkms_words=(end end); _dkms_at=900; _dkms_target=y; MAKE=x",
  "a background program": "sleep 600 & MAKE=x",
  "a background shell": "{ sleep 600; } & MAKE=x",
  "exported functions": "f() { :; }; export -f f; MAKE=x",
  "recursion through extdebug": "shopt -s extdebug; MAKE=x",
};
for (const [what, text] of Object.entries(harmless)) {
  test(`survives: ${what}`, async () => {
    const conf = await among(text);
    assert.is(value(conf, "MAKE"), "x");
    assert.equal(conf.problems, []);
  });
}

const fatal: Readonly<Record<string, readonly [text: string | Buffer, kind: string]>> = {
  exit: ["MAKE=x; exit 0", "exited"],
  "exit 7": ["MAKE=x; exit 7", "exited"],
  "set -e and a failure": ["MAKE=x; set -e; false; MAKE=y", "exited"],
  "exec of a program": ["exec true", "exited"],
  "kill of its own shell": ["kill -9 $BASHPID", "exited"],
  "kill of the main shell": ["kill -9 $$", "killed"],
  "every descriptor closed": ['for fd in {3..255}; do eval "exec $fd>&-"; done; MAKE=x', "exited"],
  "an unclosed if": ["PACKAGE_NAME=x\nif true; then\n", "syntax"],
  "an unclosed quote": ['PACKAGE_NAME=x\nMAKE="abc\n', "syntax"],
  "a stray parenthesis": ["PACKAGE_NAME=x\n)\n", "syntax"],
  "an unclosed command in a value": ["MAKE='$(echo '", "unexpandable"],
  "an unclosed command with quotes": [`MAKE='$(echo "a '`, "unexpandable"],
  "an unset variable that must be set": ["MAKE='${nothing:?gone}'", "unexpandable"],
  "a bad substitution": ["MAKE='${a b}'", "unexpandable"],
  "set -n": ["MAKE=x\nset -n\nMAKE=y\n", "exited"],
  "a binary file": [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0x28, 0x29, 0x28]), "syntax"],
  "a loop": ["while :; do :; done", "silent"],
  "a value that never ends": ["MAKE='$(sleep 600)'", "silent"],
  "600 MB of messages": ["head -c 600000000 /dev/zero >&2; MAKE=x", "flood"],
  "messages without end": ["yes >&2; MAKE=x", "flood"],
};
for (const [what, [text, kind]] of Object.entries(fatal)) {
  test(`spoils itself only: ${what}`, async () => {
    const conf = await among(text, 2);
    assert.equal(kinds(conf), [kind]);
    assert.match(conf.problems[0]?.message ?? "", /dkms\.conf/);
  });
}

test("a conf that hangs is asked once, not for every kernel", async () => {
  const file = write("hangs.conf", "sleep 600");
  const requests = [1, 2, 3, 4].map(() => requestFor("", { path: file }));
  const began = performance.now();
  const confs = await evaluateConfs([requestFor(good), ...requests, requestFor(good)], { silenceSeconds: 2 });
  assert.ok(performance.now() - began < 6000);
  assert.equal(
    confs.map((conf) => kinds(conf).join()),
    ["", "silent", "silent", "silent", "silent", ""],
  );
});

test("a value that leaves the shell loses what comes after it, and says so", async () => {
  const conf = await evaluate("PACKAGE_NAME=x; MAKE='${nothing:?gone}'; STRIP=no");
  assert.is(value(conf, "PACKAGE_NAME"), "x");
  assert.match(conf.problems[0]?.message ?? "", "MAKE[0]");
  assert.match(conf.stderr, "gone");
});

test("noise on every descriptor reaches no other result", async () => {
  await among(
    String.raw`for fd in {1..255}; do { echo; printf '\0end\0000\0001\0end\0'; } >&$fd; done 2>/dev/null; MAKE=x`,
  );
});

test("a conf that does not exist, and one that is a directory", async () => {
  for (const path of [`${scratch}/none/dkms.conf`, scratch]) {
    const conf = await evaluate("", { path });
    assert.equal(kinds(conf), ["unreadable"]);
    assert.is(conf.directives.size, 0);
  }
});

test("a path that looks like an option or a bare word", async () => {
  write("-c", "MAKE=x");
  write("bare", "MAKE=y");
  assert.is(value(await evaluate("", { path: "-c" }), "MAKE"), "x");
  assert.is(value(await evaluate("", { path: "bare" }), "MAKE"), "y");
});

test("the environment cannot change the shell", async () => {
  const environment = {
    PATH: "/usr/bin:/bin",
    BASH_ENV: write("env.sh", "MAKE=bad; echo bad >&2; exit 1"),
    ENV: write("env2.sh", "exit 1"),
    SHELLOPTS: "noexec",
    BASHOPTS: "failglob",
    POSIXLY_CORRECT: "1",
    IFS: "x",
    "BASH_FUNC_printf%%": "() { echo bad; }",
    "BASH_FUNC_source%%": "() { exit 1; }",
  };
  const conf = await evaluate("MAKE=x", {}, { environment });
  assert.is(value(conf, "MAKE"), "x");
  assert.is(conf.stderr, "");
});

test("nothing is left running", async () => {
  const mark = `6${process.pid}`;
  await among(`sleep ${mark} & { sleep ${mark}; } & MAKE=x`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const commands = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
  assert.equal(
    commands.filter((command) => command === `sleep\0${mark}\0`),
    [],
  );
});

test("a run that is interrupted ends at once", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  const started = Date.now();
  try {
    await evaluate("sleep 600", {}, { signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "interrupted");
  }
  assert.ok(Date.now() - started < 300_000, "the conf was waited for");
});

test.run();
