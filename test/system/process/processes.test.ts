/** Every program that is started has limits, and what it leaves running holds nobody. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../src/system/process/processes.ts";

const shell = (text: string): [string, ...string[]] => ["bash", "-c", text];

test("a program that takes too long is stopped with all that it started, and the result says so", async () => {
  const { status, stdout, stderr, limit } = await run(shell("echo begun; sleep 600 & sleep 600"), {
    timeoutSeconds: 1,
  });
  assert.equal([status, stdout, limit], [137, "begun\n", "time"]);
  assert.is(stderr, "bash was stopped: it ran for more than 1 seconds.\n");
});

test("a program that writes too much is stopped, and memory holds no more than the limit", async () => {
  for (const text of ["head -c 600000000 /dev/zero", "head -c 600000000 /dev/zero >&2"]) {
    const { status, stdout, stderr, limit } = await run(shell(text), { timeoutSeconds: 60 });
    assert.equal([status, limit], [137, "output"]);
    assert.ok(stdout.length <= 32 * 1024 ** 2 && stderr.length < 33 * 1024 ** 2);
    assert.match(stderr.slice(-60), "bash was stopped: it wrote more than 32 MiB.\n");
  }
});

test("a daemon that keeps the streams open is not waited for, and not ended", async () => {
  const began = performance.now();
  const { status, stdout, stderr } = await run(shell("echo out; echo err >&2; sleep 30 & echo $!; exit 3"));
  assert.ok(performance.now() - began < 15_000);
  const [, pid = ""] = /^out\n(\d+)\n$/.exec(stdout) ?? [];
  assert.equal([status, stderr], [3, "err\n"]);
  process.kill(Number(pid), "SIGKILL");
});

test("output of a program that ends at once is whole", async () => {
  const { stdout } = await run(shell("head -c 3000000 /dev/zero | tr '\\0' x"));
  assert.is(stdout.length, 3_000_000);
});

test.run();
