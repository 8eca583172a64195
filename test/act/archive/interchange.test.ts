/** Tarballs of ours are loaded by the reference dkms, and the other way round. */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadTarball, type LoadedTarball } from "../../../src/act/archive/load-tarball.ts";
import { makeTarball } from "../../../src/act/archive/make-tarball.ts";
import { register } from "../../../src/act/register.ts";
import type { TarballKind } from "../../../src/model/archive/archive-name.ts";
import { moduleDirectory } from "../../../src/model/machine/layout.ts";
import type { Pair } from "../../../src/model/pair.ts";
import { readModule } from "../../../src/observe/tree/tree.ts";
import { addHello, hello, makeScratch, put, snapshot, type Scratch } from "./scratch.ts";

const { signal } = new AbortController();

/** Runs a test with a machine that has the module hello and one that has nothing. */
function between(what: string, body: (from: Scratch, to: Scratch) => Promise<void>): void {
  test(what, async () => {
    const from = makeScratch();
    const to = makeScratch();
    try {
      await body(from, to);
      assert.equal(snapshot(from.temporary), {}, "temporary files stay");
      assert.equal(snapshot(to.temporary), {}, "temporary files stay");
    } finally {
      from.remove();
      to.remove();
    }
  });
}

function make(scratch: Scratch, kind: TarballKind, pairs: readonly Pair[], archive?: string): Promise<string> {
  const { layout, temporary, tell } = scratch;
  return makeTarball({ layout, module: hello, pairs, kind, archive, temporary, tell, signal });
}

/** What the command does: load, then register. */
async function load(scratch: Scratch, path: string, force = false): Promise<LoadedTarball> {
  const { layout, tell } = scratch;
  const loaded = await loadTarball({ context: await scratch.context(force), path, tell, signal });
  if (loaded.registration === "needed") register(layout, loaded.module, loaded.source);
  return loaded;
}

/** The source, and the tree without what only one of the two machines has. */
function contents({ layout }: Scratch): Readonly<Record<string, unknown>> {
  const tree = Object.entries(snapshot(moduleDirectory(layout, hello)));
  const kept = tree.filter(([path]) => !/^(tarball|build|source$)/.test(path));
  return { source: snapshot(layout.sourceTree), tree: Object.fromEntries(kept) };
}

between("our source and binaries, loaded by the reference", async (from, to) => {
  const path = await make(from, "source+binaries", addHello(from, ["6.1.0-1"]));
  assert.is(path, join(moduleDirectory(from.layout, hello), "tarball/hello-1.0-kernel6.1.0-1-x86_64.dkms.tar.gz"));
  const { status, text } = to.reference("ldtarball", path);
  assert.is(status, 0, text);
  assert.equal(contents(to), contents(from));
  assert.match(to.reference("status").text, /^hello\/1\.0, 6\.1\.0-1, x86_64: built$/m);
});

for (const suffix of ["tar", "tar.gz", "tar.xz", "tar.zst", "tar.bz2", "tgz"]) {
  between(`our ${suffix}, loaded by the reference and by us`, async (from, to) => {
    const path = await make(from, "source+binaries", addHello(from, ["6.1.0-1"]), join(from.root, `out/x.${suffix}`));
    assert.is(path, join(from.root, `out/x.${suffix}`));
    const { status, text } = to.reference("ldtarball", path);
    assert.is(status, 0, text);
    assert.equal(contents(to), contents(from));
    rmSync(to.layout.dkmsTree, { recursive: true });
    rmSync(to.layout.sourceTree, { recursive: true });
    mkdirSync(to.layout.dkmsTree);
    await load(to, path);
    assert.equal(contents(to), contents(from));
  });
}

between("our source alone, loaded by the reference", async (from, to) => {
  addHello(from, ["6.1.0-1"]);
  const path = await make(from, "source-only", []);
  assert.match(path, /\/hello-1\.0-source-only\.dkms\.tar\.gz$/);
  const { status, text } = to.reference("ldtarball", path);
  assert.is(status, 0, text);
  assert.match(to.reference("status").text, /^hello\/1\.0: added$/m);
  assert.equal(snapshot(to.layout.sourceTree), snapshot(from.layout.sourceTree));
});

between("our binaries alone, loaded by the reference beside its source", async (from, to) => {
  const path = await make(from, "binaries-only", addHello(from, ["6.1.0-1"]));
  addHello(to, []);
  rmSync(join(to.layout.dkmsTree, "hello"), { recursive: true });
  const { status, text } = to.reference("ldtarball", path);
  assert.is(status, 0, text);
  assert.equal(contents(to), contents(from));
});

between("our binaries alone, loaded by the reference without a source", async (from, to) => {
  const path = await make(from, "binaries-only", addHello(from, ["6.1.0-1"]));
  to.reference("ldtarball", path);
  assert.match(to.reference("status").text, /^hello\/1\.0, 6\.1\.0-1, x86_64: built$/m);
});

between("the reference's source and binaries", async (from, to) => {
  addHello(from, ["6.1.0-1"]);
  const made = from.reference("mktarball", "hello/1.0", "--all", "--archive=all.tar.xz");
  assert.is(made.status, 0, made.text);
  const loaded = await load(to, join(moduleDirectory(from.layout, hello), "tarball/all.tar.xz"));
  assert.equal(
    loaded.placed,
    readModule(from.layout, hello).pairs.map(({ pair }) => pair),
  );
  assert.equal(contents(to), contents(from));
  assert.is(readModule(to.layout, hello).registration, "added");
  assert.match(to.reference("status").text, /^hello\/1\.0, 6\.1\.0-1, x86_64: built$/m);
});

between("several kernels: the reference loads one of them, we load all", async (from, to) => {
  const pairs = addHello(from, ["6.1.0-1", "6.2.0-1", "6.3.0-1"]);
  const path = await make(from, "source+binaries", pairs);
  const { status, text } = to.reference("ldtarball", path);
  assert.is(status, 0, text);
  assert.equal(to.reference("status").text.match(/built$/gm)?.length, 1);

  const loaded = await load(to, path, true);
  assert.equal(loaded.placed, pairs);
  assert.equal(contents(to), contents(from));
  assert.equal(to.reference("status").text.match(/built$/gm)?.length, 3);
});

between("the reference's source alone", async (from, to) => {
  addHello(from, []);
  const made = from.reference("mktarball", "hello/1.0", "--source-only");
  assert.is(made.status, 0, made.text);
  await load(to, join(moduleDirectory(from.layout, hello), "tarball/hello-1.0-source-only.dkms.tar.gz"));
  assert.equal(snapshot(to.layout.sourceTree), snapshot(from.layout.sourceTree));
  assert.match(to.reference("status").text, /^hello\/1\.0: added$/m);
});

between(
  "the reference's binaries alone: the module is known, and can be loaded with its source later",
  async (from, to) => {
    addHello(from, ["6.1.0-1"]);
    const binaries = join(from.root, "binaries.tar");
    assert.is(from.reference("mktarball", "hello/1.0", "--all", "--binaries-only", `--archive=${binaries}`).status, 0);
    assert.is(from.reference("mktarball", "hello/1.0", "--source-only").status, 0);
    const loaded = await load(to, binaries);
    assert.is(loaded.registration, "done");
    const module = readModule(to.layout, hello);
    assert.is(module.registration, "added");
    assert.equal(snapshot(module.source), { "dkms.conf": snapshot(from.layout.sourceTree)["hello-1.0/dkms.conf"] });
    assert.match(to.reference("status").text, /^hello\/1\.0, 6\.1\.0-1, x86_64: built$/m);

    const source = join(moduleDirectory(from.layout, hello), "tarball/hello-1.0-source-only.dkms.tar.gz");
    assert.is((await load(to, source, true)).registration, "needed");
    assert.equal(contents(to), contents(from));
    assert.is(readModule(to.layout, hello).source, join(to.layout.sourceTree, "hello-1.0"));
  },
);

between("the reference's binaries alone, beside a source that is not added", async (from, to) => {
  addHello(from, ["6.1.0-1"]);
  const binaries = join(from.root, "binaries.tar");
  assert.is(from.reference("mktarball", "hello/1.0", "--all", "--binaries-only", `--archive=${binaries}`).status, 0);
  addHello(to, []);
  rmSync(join(to.layout.dkmsTree, "hello"), { recursive: true });
  assert.is((await load(to, binaries)).registration, "needed");
  assert.equal(contents(to), contents(from));
});

between("names of tarballs are the reference's", async (from) => {
  const releases = Array.from({ length: 9 }, (_, index) => `6.3.${index}-amd64`);
  const pairs = addHello(from, releases);
  for (const count of [1, 2, 8, 9]) {
    const some = pairs.slice(0, count);
    const ours = await make(from, "source+binaries", some);
    renameSync(ours, join(from.root, "ours"));
    const kernels = some.flatMap(({ kernel }) => ["-k", `${kernel.release}/${kernel.arch}`]);
    const { text } = from.reference("mktarball", "hello/1.0", ...kernels);
    const theirs = /Tarball location: (.*)/.exec(text)?.[1]?.replace("//", "/");
    assert.is(ours, theirs);
    rmSync(theirs ?? "");
  }
});

between("a tree that was loaded twice is refused, and replaced with force", async (from, to) => {
  const path = await make(from, "source+binaries", addHello(from, ["6.1.0-1"]));
  await load(to, path);
  put(to.layout.sourceTree, { "hello-1.0/stale": "stale" });
  const before = snapshot(to.root);
  try {
    await load(to, path);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, Error);
    assert.equal(Object(error).facts.exitCode, 8);
  }
  assert.equal(snapshot(to.root), before);
  assert.is((await load(to, path, true)).registration, "done");
  assert.equal(contents(to), contents(from));
});

test.run();
