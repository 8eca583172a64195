/** One bash: its streams, its end, its limits, and that nothing of it is left. */
import { existsSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runBash } from "../../../src/system/process/bash.ts";

test("stdout comes back as bytes, stderr as text, the status as a number", async () => {
  const result = await runBash(`printf 'a\\0\\377'; echo trouble >&2; exit 3`, []);
  assert.equal(result.stdout, Buffer.from([0x61, 0, 0xff]));
  assert.is(result.stderr, "trouble\n");
  assert.is(result.status, 3);
  assert.is(result.end, "exited");
});

test("words are the positional parameters, the name is dkms", async () => {
  const result = await runBash(`printf '%s|' "$0" "$@"`, ["a b", "", "$x"]);
  assert.is(result.stdout.toString(), "dkms|a b||$x|");
});

test("stdin is empty", async () => {
  assert.is((await runBash("cat; echo $?", [])).stdout.toString(), "0\n");
});

test("the working directory and the environment are as given", async () => {
  const options = { cwd: "/usr", environment: { A: "1", PATH: "/usr/bin", BASH_ENV: "/nowhere", SHELLOPTS: "noexec" } };
  const { stdout, stderr } = await runBash("pwd; env", [], options);
  assert.match(stdout.toString(), /^\/usr\n/);
  assert.match(stdout.toString(), /^A=1$/m);
  assert.not.match(stdout.toString(), /^(BASH_ENV|HOME)=/m);
  assert.is(stderr, "");
});

test("silence ends it, talking does not", async () => {
  const silent = await runBash("echo a; sleep 60", [], { silenceSeconds: 0.5 });
  assert.is(silent.end, "silent");
  assert.is(silent.stdout.toString(), "a\n");
  // Longer in all than the silence that is allowed, and each silence a tenth of that.
  const talking = await runBash("for i in {1..12}; do echo $i; sleep 0.3; done", [], { silenceSeconds: 3 });
  assert.is(talking.end, "exited");
});

test("a killed bash is told apart", async () => {
  const result = await runBash("kill -9 $$", []);
  assert.is(result.end, "killed");
  assert.is(result.status, -1);
});

test("programs that it leaves behind are ended and not waited for", async () => {
  const started = Date.now();
  const result = await runBash("sleep 600 & echo $!", []);
  assert.ok(Date.now() - started < 300_000, "it was waited for");
  assert.is(result.end, "exited");
  await new Promise((resolve) => setTimeout(resolve, 200));
  // A zombie that nobody has waited for yet has no command line any more.
  const commandLine = `/proc/${Number(result.stdout)}/cmdline`;
  assert.is(existsSync(commandLine) ? readFileSync(commandLine, "utf8") : "", "");
});

test("the signal ends it with all that it started", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  try {
    await runBash("sleep 600; sleep 600", [], { signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "interrupted");
  }
});

test("a signal that has already fired starts nothing", async () => {
  const controller = new AbortController();
  controller.abort();
  try {
    await runBash("true", [], { signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "interrupted");
  }
});

test("a working directory that does not exist is an error, not a hang", async () => {
  try {
    await runBash("true", [], { cwd: "/nowhere/at/all" });
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "tool-missing");
  }
});

test.run();
