/** What logs tell of builds that run, and of those before. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultLayout } from "../../src/model/machine/layout.ts";
import { lastBuildOf, ProgressReader, readLastBuild } from "../../src/observe/build-progress.ts";
import { kernel, moduleId } from "../decide/world-builder.ts";

const folder = fs.mkdtempSync(join(tmpdir(), "dkms-alpm-progress-"));
test.after(() => fs.rmSync(folder, { recursive: true }));

const log = (module: string, codes: readonly number[], files = 2): string => {
  const frames = codes.map(
    (code) => `${"  CC [M]  a.o\n".repeat(files)}\n# exit code: ${code}\n# elapsed time: 00:01:02\n`,
  );
  return `DKMS (dkms-alpm) make.log for ${module} for kernel 6.1 (x86_64)\n${frames.join("")}`;
};

test("seconds and files of a log; nothing of one that failed or did not end", () => {
  assert.equal(lastBuildOf(log("zfs/2", [0, 0])), { seconds: 124, compiled: 4 });
  assert.is(lastBuildOf(log("zfs/2", [0, 2])), undefined);
  assert.is(lastBuildOf("  CC [M] a.o\n"), undefined);
});

test("the pair's own log, then the newest of the module for another kernel", () => {
  const logs = fs.mkdtempSync(`${folder}/logs`);
  const layout = { ...defaultLayout, logs };
  const pair = { module: moduleId("zfs/2"), kernel: kernel("6.1") };
  const write = (name: string, text: string, age: number): void => {
    fs.writeFileSync(join(logs, name), text);
    fs.utimesSync(join(logs, name), 1000 - age, 1000 - age);
  };
  write("zfs-1-5.0-x86_64.log", log("zfs/1", [0], 5), 20);
  write("zfs-1-5.1-x86_64.log", log("zfs/1", [0], 6), 10);
  write("zfs-1-5.2-x86_64.log", log("zfs/1", [2], 7), 0);
  write("zfs-utils-1-5.0-x86_64.log", log("zfs-utils/1", [0], 8), 0);
  assert.is(readLastBuild(layout, pair)?.compiled, 6);
  write("zfs-2-6.1-x86_64.log", log("zfs/2", [0], 3), 50);
  assert.is(readLastBuild(layout, pair)?.compiled, 3);
  assert.is(readLastBuild({ ...layout, logs: `${folder}/none` }, pair), undefined);
});

test("a log that grows, line by line and in the middle of one", () => {
  const path = join(folder, "growing.log");
  fs.writeFileSync(path, "  CC [M]  /b/a.o\n  CC [M]  /b");
  const reader = new ProgressReader(path);
  assert.equal(reader.read(), { compiled: 1, isLinking: false });
  fs.appendFileSync(path, "/b.o\n");
  assert.equal(reader.read(), { compiled: 2, isLinking: false });
  fs.appendFileSync(path, "gcc -O2 -c x.c -o x.o\n  LD [M]  /b/m.o\n");
  assert.equal(reader.read(), { compiled: 3, isLinking: true });
  fs.rmSync(path);
  assert.equal(reader.read(), { compiled: 3, isLinking: true });
});

test.run();
