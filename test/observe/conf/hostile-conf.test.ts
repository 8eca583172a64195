/** Confs that do their worst: each may spoil its own result, none that of another, and none may hang or outlive the run. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { shareSandboxes } from "../../../src/observe/conf/conf-sandbox.ts";
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

/** Leaves a program that writes into the pipes of whatever shells come later, before they do. */
const forgery = String.raw`trap '' PIPE
for _ in {1..200}; do
  for pipe in /proc/[0-9]*/fd/249; do printf '%s\0' value MAKE 0 scalar =forged end >"$pipe"; done
  sleep 0.01
done 2>/dev/null &
sleep 0.3`;

test("a conf that writes answers in the place of others reaches those of itself alone", async () => {
  const forger = requestFor(forgery);
  const other = requestFor("PACKAGE_NAME=other; sleep 0.3; MAKE=make");
  const [, again, after] = await evaluateConfs([forger, forger, other], { cwd: scratch });
  assert.is(again && value(again, "MAKE"), "forged", "the way exists");
  assert.is(after && value(after, "MAKE"), "make");
});

test("plain confs share a sandbox, all others have one each, whatever the number of kernels", () => {
  const plain = [1, 2].map((number) => requestFor(`PACKAGE_NAME=plain\nPACKAGE_VERSION=${number}\n`));
  const [first, second] = plain;
  const running = requestFor("PACKAGE_NAME=$(echo a)\n");
  const link = { ...requestFor(""), path: `${scratch}/link/dkms.conf` };
  mkdirSync(`${scratch}/link`);
  symlinkSync(running.path, link.path);
  const requests = [first, running, second, link, running, { ...requestFor(""), path: `${scratch}/none` }];
  const known = requests.filter((request) => request !== undefined);
  assert.equal(shareSandboxes("/", known), [[0, 2], [1, 4], [3], [5]]);
  const many = Array.from({ length: 401 }, () => running);
  assert.equal(
    shareSandboxes("/", many).map((numbers) => numbers.length),
    [200, 200, 1],
  );
});

test("links of a conf lead nowhere out of the root that is looked at", () => {
  const root = `${scratch}/root`;
  const secret = write("outside/secret.conf", "PACKAGE_NAME=plain\n");
  mkdirSync(`${root}/usr/src/a`, { recursive: true });
  symlinkSync(secret, `${root}/usr/src/a/dkms.conf`);
  const request = { path: "/usr/src/a/dkms.conf", overrides: [], variables: {} };
  // Read on the machine, it would be plain.
  assert.equal(shareSandboxes(root, [request, { ...request, path: "/usr/src/b" }]), [[0], [1]]);
  write(`root${secret}`, "PACKAGE_NAME=plain\n");
  const plain = write("root/usr/src/c/dkms.conf", "PACKAGE_NAME=plain\n").slice(root.length);
  assert.equal(shareSandboxes(root, [request, { ...request, path: plain }]), [[0, 1]]);
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
