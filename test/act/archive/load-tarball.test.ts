/** What loading makes of archives that the reference would not have made, and what a run that was killed leaves to the next one. */
import { existsSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadTarball, type LoadedTarball } from "../../../src/act/archive/load-tarball.ts";
import { resultDirectory, stampFile } from "../../../src/model/machine/layout.ts";
import { onOverlay } from "../../system/writing/overlay.ts";
import { rawTar, type RawEntry } from "./raw-tar.ts";
import { hello, helloConf, helloPair, makeScratch, put, snapshot, type Scratch } from "./scratch.ts";

const conf: RawEntry = { path: "dkms_source_tree/dkms.conf", content: helloConf };

function on(what: string, body: (scratch: Scratch) => Promise<void>): void {
  test(what, async () => {
    const scratch = makeScratch();
    try {
      await body(scratch);
      assert.equal(snapshot(scratch.temporary), {}, "temporary files stay");
      assert.equal(
        Object.keys(snapshot(scratch.layout.sourceTree)).filter((path) => path.startsWith(".")),
        [],
        "staged files stay",
      );
    } finally {
      scratch.remove();
    }
  });
}

async function load(scratch: Scratch, entries: readonly RawEntry[], force = false): Promise<LoadedTarball> {
  const path = join(scratch.root, "a file: of mine.tar");
  writeFileSync(path, rawTar(entries));
  const { tell } = scratch;
  return loadTarball({ context: await scratch.context(force), path, tell, signal: new AbortController().signal });
}

on("a plain archive: the dkms.conf nearest to the root is the module", async (scratch) => {
  const { module, source, registration, placed } = await load(scratch, [
    { path: "project-1.0/README", content: "read me" },
    { path: "project-1.0/src/driver/dkms.conf", content: "exit 1" },
    { path: "project-1.0/src/dkms.conf", content: helloConf },
    { path: "project-1.0/src/hello.c", content: "int hello;" },
  ]);
  assert.equal(module, hello);
  assert.equal([registration, placed], ["needed", []]);
  assert.is(source, join(scratch.layout.sourceTree, "hello-1.0"));
  assert.equal(Object.keys(snapshot(source)), ["dkms.conf", "driver", "driver/dkms.conf", "hello.c"]);
});

on("a plain archive without any directory", async (scratch) => {
  await load(scratch, [
    { path: "dkms.conf", content: helloConf },
    { path: 'with a blank, "quotes" and \u00fcml\u00e4uts.c', content: "x" },
    { path: "l", type: "2", target: "./with a blank, -> link to" },
  ]);
  assert.equal(snapshot(scratch.layout.sourceTree), {
    "hello-1.0": "directory",
    "hello-1.0/dkms.conf": helloConf,
    "hello-1.0/l": "-> ./with a blank, -> link to",
    'hello-1.0/with a blank, "quotes" and \u00fcml\u00e4uts.c': "x",
  });
});

on("set-user-id bits and permissions for others go, hard links become files", async (scratch) => {
  const { source } = await load(scratch, [
    conf,
    { path: "dkms_main_tree", type: "5", mode: 0o755 },
    { path: "dkms_source_tree/run", content: "#!/bin/sh", mode: 0o6777 },
    { path: "dkms_source_tree/hard", type: "1", target: "./dkms_source_tree/run" },
    { path: "dkms_source_tree/d", type: "5", mode: 0o1000 },
    { path: "dkms_source_tree/d/in", mode: 0 },
  ]);
  const mode = (path: string): string => (statSync(join(source, path)).mode & 0o7777).toString(8);
  assert.equal(["run", "hard", "d", "d/in"].map(mode), ["755", "755", "700", "600"]);
  assert.is(statSync(source).uid, process.getuid?.());
});

on("a result that is there stays, with force it is replaced and its stamp goes", async (scratch) => {
  const { layout } = scratch;
  const pair = helloPair("6.1.0");
  const entries = [conf, { path: "dkms_main_tree/6.1.0/x86_64/module/hello.ko", content: "new" }];
  const old = { "module/hello.ko": "old", "log/make.log": "old" };
  put(resultDirectory(layout, pair), old);
  put(dirname(stampFile(layout, pair)), { [basename(stampFile(layout, pair))]: "{}" });

  assert.equal((await load(scratch, entries)).kept, [pair]);
  assert.equal(snapshot(resultDirectory(layout, pair)), { log: "directory", module: "directory", ...old });
  assert.ok(existsSync(stampFile(layout, pair)));

  assert.equal((await load(scratch, entries, true)).placed, [pair]);
  assert.equal(snapshot(resultDirectory(layout, pair)), { module: "directory", "module/hello.ko": "new" });
  assert.not.ok(existsSync(stampFile(layout, pair)));
});

on("results without modules are told and left out", async (scratch) => {
  const { placed } = await load(scratch, [
    conf,
    { path: "dkms_main_tree/6.1.0/x86_64/log/make.log" },
    { path: "dkms_main_tree/6.2.0/x86_64/module/hello.ko" },
    { path: "dkms_main_tree/dkms_dbversion" },
  ]);
  assert.equal(placed, [helloPair("6.2.0")]);
  assert.is(scratch.warnings.length, 1);
  assert.match(scratch.warnings[0] ?? "", "6.1.0");
});

on("a source that was moved aside by a run that was killed comes back", async (scratch) => {
  const { sourceTree } = scratch.layout;
  put(join(sourceTree, ".dkms-alpm.abc123"), { "former/other-2.0/dkms.conf": "other", "new/half": "" });
  await load(scratch, [conf, { path: "dkms_main_tree", type: "5" }]);
  assert.is(snapshot(sourceTree)["other-2.0/dkms.conf"], "other");
});

on("a source that was copied aside and removed by half comes back", async (scratch) => {
  const { sourceTree } = scratch.layout;
  const former = { "copied/other-2.0/dkms.conf": "other" };
  put(sourceTree, { "other-2.0/half": "", "done-1.0/dkms.conf": "new" });
  put(join(sourceTree, ".dkms-alpm.abc123"), { ...former, "new/dkms.conf": "new" });
  put(join(sourceTree, ".dkms-alpm.def456"), { "copied/done-1.0/dkms.conf": "former" });
  await load(scratch, [conf, { path: "dkms_main_tree", type: "5" }]);
  const found = snapshot(sourceTree);
  assert.is(found["other-2.0/dkms.conf"], "other");
  assert.is(found["other-2.0/half"], undefined);
  assert.is(found["done-1.0/dkms.conf"], "new");
});

on("source and result of an overlay's lower layer are replaced", async (scratch) => {
  const { layout } = scratch;
  put(layout.sourceTree, { "hello-1.0/mine": "mine", "hello-1.0/dkms.conf": "old" });
  put(resultDirectory(layout, helloPair("6.1.0")), { "module/hello.ko": "old" });
  const entries = [conf, { path: "dkms_main_tree/6.1.0/x86_64/module/hello.ko", content: "new" }];
  await onOverlay(scratch.root, async () => {
    const { source, placed } = await load(scratch, entries, true);
    assert.equal(snapshot(source), { "dkms.conf": helloConf });
    assert.equal(placed, [helloPair("6.1.0")]);
    const result = resultDirectory(layout, helloPair("6.1.0"));
    assert.equal(snapshot(result), { module: "directory", "module/hello.ko": "new" });
    assert.equal(
      Object.keys(snapshot(layout.sourceTree)).filter((path) => path.startsWith(".")),
      [],
    );
  });
});

on("a run that was killed before it registered the module is completed by the next", async (scratch) => {
  const entries = [conf, { path: "dkms_main_tree/6.1.0/x86_64/module/hello.ko", content: "new" }];
  await load(scratch, entries);
  const before = snapshot(scratch.root);
  const again = await load(scratch, entries);
  assert.is(again.registration, "needed");
  assert.equal(again.kept, [helloPair("6.1.0")]);
  assert.equal(snapshot(scratch.root), before);
});

on("what was in the source stays, unless force is given", async (scratch) => {
  const entries = [conf, { path: "dkms_main_tree", type: "5", mode: 0o755 }];
  put(scratch.layout.sourceTree, { "hello-1.0/mine": "mine", "hello-1.0/dkms.conf": "old" });
  const { source } = await load(scratch, entries);
  assert.equal(snapshot(source), { "dkms.conf": helloConf, mine: "mine" });
  await load(scratch, entries, true);
  assert.equal(snapshot(source), { "dkms.conf": helloConf });
});

on("an interrupted run says so and leaves nothing", async (scratch) => {
  const path = join(scratch.root, "x.tar");
  writeFileSync(path, rawTar([conf, { path: "dkms_main_tree", type: "5" }]));
  const before = snapshot(scratch.root);
  const { tell } = scratch;
  try {
    await loadTarball({ context: await scratch.context(), path, tell, signal: AbortSignal.abort() });
    assert.unreachable();
  } catch (error) {
    assert.is(Object(error).code, "interrupted");
  }
  assert.equal(snapshot(scratch.root), before);
});

test.run();
