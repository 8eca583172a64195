/**
 * Generated texts that never end by themselves (they sleep, print, fill files, ignore signals, hide in the background) in every place where one of a module's can
 * stand: each is stopped for a limit that the error names, and nothing of it lives on. `DKMS_ALPM_LONG=1` tries many.
 */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runBash } from "../../../src/system/process/bash.ts";
import { run } from "../../../src/system/process/processes.ts";
import { watchDisk } from "../../../src/act/compile/disk-watch.ts";
import { isLong } from "../../form.ts";
import { seededRandom } from "../../e2e/crash/random.ts";
import { goodModule, Scene, script } from "./scene.ts";

const random = seededRandom();
const rounds = isLong ? 60 : 2;

/** By this the processes of this test are found again. */
const mark = `4${process.pid}`;

/** What does not end; `M` stands for the mark. */
const endless = [
  "sleep M",
  "trap '' HUP INT TERM; sleep M",
  "while :; do echo a; sleep 0.M; done",
  "while :; do echo a >&2; sleep 0.M; done",
  "exec >&- 2>&-; sleep M",
  "(sleep M & sleep M & wait)",
  "while :; do :; done; : M",
  "{ sleep M & }; wait",
  "timeout M sleep M",
  "read line < <(sleep M)",
] as const;

/** Those that print as fast as they can: not into a log, which may have a gigabyte. */
const floods = [
  "yes M",
  "yes M >&2",
  "(yes M & yes M >&2 & wait)",
  "cat /dev/zero; : M",
  "tr '\\0' x </dev/zero >&2; : M",
] as const;

/** What may come before, and ends. */
const preludes = [
  "",
  "echo begun; ",
  "head -c 100000 /dev/zero; ",
  "sleep 0.1; ",
  "false; ",
  "cd /; ",
  "exec 3>&1; ",
] as const;

function text(...kinds: (typeof endless | typeof floods)[]): string {
  const all = kinds.flat();
  const [first = "", ...rest] = all;
  return random.pick([...preludes]) + random.pick([first, ...rest]).replaceAll("M", mark);
}

/** Processes that have the mark in their words. */
function leftOver(): string {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8", maxBuffer: 2 ** 28 }).split("\n");
  return lines.filter((line) => line.includes(mark) && !line.includes("test.")).join("\n");
}

/** SIGKILL takes its time on a busy machine. */
async function nothingIsLeft(what: string): Promise<void> {
  for (let left = 50; leftOver() !== ""; left -= 1) {
    assert.ok(left > 0, `${what} lives on:\n${leftOver()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test(`programs that never end (seed ${random.seed})`, async () => {
  for (let count = rounds * 2; count > 0; count -= 1) {
    const words = text(endless, floods);
    const { status, stdout, stderr, limit } = await run(["bash", "-c", words], { timeoutSeconds: 1 });
    assert.is(status, 137, words);
    assert.ok(limit === "time" || limit === "output", `${words}: ${limit}`);
    assert.match(
      stderr.slice(-80),
      /bash was stopped: it (ran for more than 1 seconds|wrote more than 32 MiB)\.\n$/,
      words,
    );
    assert.ok(stdout.length <= 32 * 1024 ** 2, words);
    await nothingIsLeft(words);
  }
});

test(`shell files that never end (seed ${random.seed})`, async () => {
  for (let count = rounds * 2; count > 0; count -= 1) {
    const words = text(endless, floods);
    const { end, stdout } = await runBash(words, [], { silenceSeconds: 1, totalSeconds: 2 });
    assert.ok(end === "silent" || end === "flood", `${words}: ${end}`);
    assert.ok(stdout.length <= 80 * 1024 ** 2, words);
    await nothingIsLeft(words);
  }
});

test(`builds that never end (seed ${random.seed})`, async () => {
  for (let count = rounds; count > 0; count -= 1) {
    const scene = new Scene();
    try {
      const words = text(endless);
      const place = random.pick(["make", "pre-build", "post-build"]);
      const directives = {
        make: place === "make" ? words : undefined,
        patches: [],
        scripts: place === "make" ? {} : { [place]: script("hangs.sh") },
      };
      const sandbox = random.pick(["auto", "no"] as const);
      const files = { ...goodModule, "hangs.sh": `#!/bin/bash\n${words}\n` };
      const error = await scene.attempt(
        scene.input(files, { directives }),
        scene.environment({ sandbox }, { timeLimit: 2 }),
      );
      const what = `${place}, sandbox ${sandbox}: ${words}`;
      assert.match(error?.message ?? "", /was stopped: ".*" took more than 2 seconds\.$/, what);
      assert.equal(scene.list("tree/.dkms-alpm/build"), [], what);
      assert.is(fs.existsSync(`${scene.root}/tree/hello/1.0/6.1.0-test`), false, what);
      await nothingIsLeft(what);
    } finally {
      scene.remove();
    }
  }
});

test("a log that grows without end stops the program, however it grows", async () => {
  const scene = new Scene();
  try {
    for (const words of ["truncate -s 2G LOG; sleep M", "dd if=/dev/null of=LOG bs=1 seek=3G 2>&-; yes M >/dev/null"]) {
      const log = `${scene.root}/log`;
      const disk = watchDisk([scene.root], log, new AbortController().signal);
      const command = words.replaceAll("M", mark).replaceAll("LOG", log);
      const { status } = await run(["bash", "-c", command], {
        signal: disk.signal,
        timeoutSeconds: 60,
        output: "capture",
      });
      disk.close();
      assert.is(status, 137, command);
      assert.is(disk.excess()?.kind, "log", command);
      fs.rmSync(log);
      await nothingIsLeft(command);
    }
  } finally {
    scene.remove();
  }
});

test.run();
