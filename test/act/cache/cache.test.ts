/** Results that are kept: what is known is not built again, what is damaged or changed is. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BuildEnvironment, BuildInput } from "../../../src/act/compile/input.ts";
import { resultCache } from "../../../src/act/cache/place.ts";
import { buildThroughCache, forgetResults, trim, type ResultCache } from "../../../src/act/cache/cache.ts";
import { forgetAllFailures, knownFailure, rememberFailure } from "../../../src/act/cache/failures.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { buildDirectory } from "../../../src/model/machine/layout.ts";
import { kernelRelease, moduleVersion } from "../../../src/model/names.ts";
import { goodModule, Scene, script } from "../compile/scene.ts";

/** Builds, with a finish that appends to every object, and tells where the result came from. */
async function build(scene: Scene, input: BuildInput, changes: Partial<ResultCache> = {}): Promise<string> {
  const finish: BuildEnvironment["finish"] = (objects) => {
    for (const { file } of objects) fs.appendFileSync(file, "finished");
    return Promise.resolve();
  };
  const environment = scene.environment({}, { finish });
  const cache = {
    directory: resultCache(scene.layout),
    limit: 1e9,
    key: "k1",
    lookUp: true as const,
    isUnchanged: () => true,
    others: [],
    remembers: [],
    ...changes,
  };
  try {
    return await buildThroughCache(input, environment, cache);
  } finally {
    environment.pool.close();
  }
}

function scenario(title: string, play: (scene: Scene) => Promise<void>): void {
  test(title, async () => {
    const scene = new Scene();
    try {
      await play(scene);
    } finally {
      scene.remove();
    }
  });
}

/** Every file of the result with its content, and what is in the cache. */
function result(scene: Scene, input: BuildInput): Record<string, string> {
  const folder = join(scene.root, scene.result(input));
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      fs.readFileSync(join(parentPath, name), "latin1"),
    ]),
  );
}

scenario("what is known is taken from the cache, finished like a new one", async (scene) => {
  const input = scene.input();
  assert.is(await build(scene, input), "build");
  const built = result(scene, input);
  assert.match(built["module/hello.ko"] ?? "", /finished$/);
  fs.rmSync(join(scene.root, scene.result(input)), { recursive: true });
  assert.is(await build(scene, input), "cache");
  assert.equal(result(scene, input), built);
  assert.not.match((result(scene, input)["module/hello.ko"] ?? "").slice(0, -8), "finished");
  assert.is(await build(scene, input, { key: "k2" }), "build");
  assert.is(await build(scene, input, { lookUp: false }), "build");
  assert.equal(scene.list("tree/.dkms-alpm/cache/results"), ["k1", "k2"]);
});

scenario("nothing is kept when nothing may be kept", async (scene) => {
  const input = scene.input();
  assert.is(await build(scene, input, { limit: 0 }), "build");
  assert.is(await build(scene, input, { limit: 0 }), "build");
  assert.equal(scene.list("tree/.dkms-alpm/cache"), []);
});

scenario("what POST_BUILD writes beside the objects is kept with them", async (scene) => {
  const directives = { make: undefined, patches: [], scripts: { "post-build": script("share") } };
  const files = {
    ...goodModule,
    share: `#!/bin/sh\necho shared >${scene.root}/${scene.result(scene.input())}/extra\n`,
  };
  const input = scene.input(files, { directives });
  assert.is(await build(scene, input), "build");
  fs.rmSync(join(scene.root, scene.result(input)), { recursive: true });
  assert.is(await build(scene, input), "cache");
  assert.is(result(scene, input)["extra"], "shared\n");
});

scenario("objects that POST_BUILD has changed are kept as it left them", async (scene) => {
  const directives = { make: undefined, patches: [], scripts: { "post-build": script("change") } };
  const files = {
    ...goodModule,
    change: `#!/bin/sh\necho more >>${scene.root}/${scene.result(scene.input())}/module/hello.ko\n`,
  };
  const input = scene.input(files, { directives });
  assert.is(await build(scene, input), "build");
  const built = result(scene, input);
  assert.match(built["module/hello.ko"] ?? "", /more\nfinished$/);
  assert.is(await build(scene, input), "cache");
  assert.equal(result(scene, input), built);
});

scenario("a kept object that is none of the kernel's is built anew", async (scene) => {
  const input = scene.input();
  await build(scene, input);
  const entry = join(resultCache(scene.layout), "k1");
  const manifest = JSON.parse(fs.readFileSync(join(entry, "manifest.json"), "utf8"));
  manifest.files["module/hello.ko"].digest = createHash("sha256").update("foreign").digest("hex");
  fs.writeFileSync(join(entry, "manifest.json"), JSON.stringify(manifest));
  fs.writeFileSync(join(entry, "module/hello.ko"), "foreign");
  assert.is(await build(scene, input), "build");
  assert.is(await build(scene, input), "cache");
});

for (const [what, path] of [
  ["an object", "module/hello.ko"],
  ["the list", "manifest.json"],
] as const) {
  scenario(`a damaged entry is built anew: ${what}`, async (scene) => {
    const input = scene.input();
    await build(scene, input);
    fs.writeFileSync(join(resultCache(scene.layout), "k1", path), "damaged");
    assert.is(await build(scene, input), "build");
    assert.is(await build(scene, input), "cache");
  });
}

for (const [what, spoil] of [
  ["is missing", (path: string) => fs.rmSync(path)],
  [
    "cannot be read",
    (path: string) => {
      fs.rmSync(path);
      fs.symlinkSync(path, path);
    },
  ],
] as const) {
  scenario(`an entry of which a file ${what} is built anew`, async (scene) => {
    const input = scene.input();
    await build(scene, input);
    const built = result(scene, input)["module/hello.ko"];
    spoil(join(resultCache(scene.layout), "k1/module/hello.ko"));
    assert.is(await build(scene, input), "build");
    assert.is(result(scene, input)["module/hello.ko"], built);
    assert.is(await build(scene, input), "cache");
  });
}

scenario("a former build directory that cannot be removed spoils no hit", async (scene) => {
  const input = scene.input();
  await build(scene, input);
  const busy = `${buildDirectory(scene.layout, input.pair.module)}/mounted`;
  fs.mkdirSync(busy, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", busy]);
  try {
    assert.is(await build(scene, input), "cache");
  } finally {
    execFileSync("umount", [busy]);
  }
  assert.match(scene.events.map((event) => (event.kind === "note" ? event.text : "")).join("\n"), `Cannot remove`);
});

scenario("a failure keeps nothing, and neither does a cache that cannot be written", async (scene) => {
  const bad = scene.input({ ...goodModule, "hello.c": "no C\n" });
  try {
    await build(scene, bad);
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), "make exited with status");
  }
  assert.equal(scene.list("tree/.dkms-alpm/cache/results"), []);
  fs.rmSync(join(scene.root, "tree/.dkms-alpm/cache"), { recursive: true });
  fs.writeFileSync(join(scene.root, "tree/.dkms-alpm/cache"), "in the way");
  assert.is(await build(scene, scene.input()), "build");
});

scenario("nothing is kept where the inputs have changed, no failure either", async (scene) => {
  const isUnchanged = (): boolean => false;
  const input = scene.input();
  assert.is(await build(scene, input, { isUnchanged }), "build");
  assert.equal(scene.list("tree/.dkms-alpm/cache/results"), []);
  const place = { directory: join(scene.layout.cache, "tested"), key: "t1" };
  const bad = scene.input({ ...goodModule, "hello.c": "#error broken\n" });
  for (const [changes, isKnown] of [
    [{ isUnchanged }, false],
    [{}, true],
  ] as const) {
    await build(scene, bad, { ...place, ...changes, remembers: [place] }).catch(() => undefined);
    assert.is(knownFailure(place) !== undefined, isKnown);
  }
});

scenario("what is kept of a module can be forgotten, and nothing else with it", async (scene) => {
  const input = scene.input();
  await build(scene, input);
  const { module, kernel } = input.pair;
  const directory = resultCache(scene.layout);
  forgetResults(directory, { ...module, version: moduleVersion("2.0") }, { kind: "all" });
  forgetResults(directory, module, { kind: "these", kernels: [{ ...kernel, release: kernelRelease("6.2.0-test") }] });
  assert.is(await build(scene, input), "cache");
  forgetResults(directory, module, { kind: "these", kernels: [kernel] });
  assert.equal(scene.list("tree/.dkms-alpm/cache/results"), []);
  assert.is(await build(scene, input), "build");
  forgetResults(directory, module, { kind: "all" });
  assert.equal(scene.list("tree/.dkms-alpm/cache/results"), []);
  assert.is(await build(scene, input), "build");
});

scenario("what a test has built is another place's, and becomes this one's where it counts", async (scene) => {
  const input = scene.input();
  const tested = { directory: join(scene.layout.cache, "tested"), key: "t1" };
  assert.is(await build(scene, input, tested), "build");
  assert.equal(scene.list("tree/.dkms-alpm/cache"), ["tested"]);
  assert.is(await build(scene, input), "build");
  fs.rmSync(resultCache(scene.layout), { recursive: true });
  assert.is(await build(scene, input, { others: [{ ...tested, isAdopted: true }] }), "test-build");
  assert.equal([scene.list("tree/.dkms-alpm/cache/results"), scene.list("tree/.dkms-alpm/cache/tested")], [["k1"], []]);
  assert.is(await build(scene, input), "cache");
});

scenario(
  "a test finds what real builds have made and takes nothing away, and keeps nothing without a key",
  async (scene) => {
    const input = scene.input();
    const directory = join(scene.layout.cache, "tested");
    const others = [{ directory: resultCache(scene.layout), key: "k1", isAdopted: false }];
    assert.is(await build(scene, input, { directory, key: undefined, others }), "build");
    assert.equal(scene.list("tree/.dkms-alpm/cache"), []);
    await build(scene, input);
    assert.is(await build(scene, input, { directory, key: undefined, others }), "cache");
    assert.equal(scene.list("tree/.dkms-alpm/cache/results"), ["k1"]);
  },
);

scenario("what was not used for the longest time goes first", (scene) => {
  const directory = join(scene.root, "results");
  for (const [index, name] of ["b", "c", "a"].entries()) {
    scene.write({ [`results/${name}/module/x.ko`]: "0123456789" });
    fs.utimesSync(join(directory, name), index, index);
  }
  trim(directory, 30);
  assert.equal(scene.list("results"), ["a", "b", "c"]);
  trim(directory, 20);
  assert.equal(scene.list("results"), ["a", "c"]);
  trim(directory, 0);
  assert.equal(scene.list("results"), []);
  return Promise.resolve();
});

scenario("a failure of the test is not compiled again, until something differs", async (scene) => {
  const directory = join(scene.layout.cache, "tested");
  const tested = { directory, key: "t1" };
  const others = [{ ...tested, isAdopted: true }];
  const input = scene.input({ ...goodModule, "hello.c": "#error broken\n" });
  const failure = async (changes: Partial<ResultCache>): Promise<DkmsError | undefined> => {
    try {
      await build(scene, input, changes);
      return undefined;
    } catch (error) {
      return error as DkmsError;
    }
  };
  assert.is((await failure({ ...tested, remembers: [tested] }))?.facts.isKnown, undefined);
  const known = await failure({ others });
  assert.is(known?.facts.isKnown, true);
  assert.is(known?.code, "make-failed");
  assert.match(known?.message ?? "", "failed");
  // Other inputs, or one who wants a build in spite of all.
  assert.is((await failure({ others: [{ directory, key: "t2", isAdopted: true }] }))?.facts.isKnown, undefined);
  assert.is((await failure({ others, lookUp: false }))?.facts.isKnown, undefined);
  assert.is((await failure({ others: [{ ...tested, isAdopted: false }] }))?.facts.isKnown, undefined);
  // The next test of the pair passes.
  assert.is(
    await build(scene, scene.input(), { directory, key: "t3", remembers: [{ directory, key: "t3" }] }),
    "build",
  );
  assert.is(knownFailure(tested), undefined);
});

for (const [what, excerpt, isKept] of [
  ["an error in the source", "a.c:1: error: x", true],
  ["a header that the kernel does not have", "a.c:1:10: fatal error: linux/x.h: No such file or directory", true],
  ["a header that may be of a package", "a.c:1:10: fatal error: ncurses.h: No such file or directory", false],
  ["what another module may be the reason of", "check: cannot cd to updates/dkms", false],
  ["a program that is missing", "bash: line 1: frob: command not found", false],
  ["a full disk", "ld: final link failed: No space left on device", false],
] as const) {
  scenario(`${what}: ${isKept ? "remembered" : "tried again"}`, (scene) => {
    const directory = join(scene.layout.cache, "tested");
    const error = new DkmsError("make-failed", "Building it failed.", { excerpt: [excerpt] });
    const place = { directory, key: "k" };
    rememberFailure(place, scene.input().pair, error);
    assert.is(knownFailure(place) !== undefined, isKept);
    forgetAllFailures(directory);
    assert.is(knownFailure(place), undefined);
    return Promise.resolve();
  });
}

scenario(
  "what a check has found is not compiled again, and passed on to the run behind the transaction",
  async (scene) => {
    const [tested, checked] = ["tested", "checked"].map((name) => ({
      directory: join(scene.layout.cache, name),
      key: "t",
    }));
    assert.ok(tested !== undefined && checked !== undefined);
    const input = scene.input({ ...goodModule, "hello.c": "#error broken\n" });
    const failure = async (changes: Partial<ResultCache>): Promise<DkmsError | undefined> => {
      const error: unknown = await build(scene, input, changes).catch((thrown: unknown) => thrown);
      return error instanceof DkmsError ? error : undefined;
    };
    const found = await failure({ ...tested, remembers: [checked] });
    assert.is(found?.code, "make-failed");
    assert.is(knownFailure(tested), undefined);
    const known = await failure({ ...tested, checked, remembers: [tested] });
    assert.equal([known?.message, known?.facts.isKnown], [found?.message, undefined]);
    assert.is(knownFailure(tested)?.message, found?.message);
    // The log that it names is deleted.
    fs.rmSync(found?.facts.log ?? "");
    assert.is(knownFailure(tested), undefined);
  },
);

scenario("a failure is remembered for a day", (scene) => {
  const place = { directory: join(scene.layout.cache, "tested"), key: "k" };
  const error = new DkmsError("make-failed", "Building it failed.", { excerpt: ["a.c:1: error: x"] });
  rememberFailure(place, scene.input().pair, error);
  const file = join(place.directory, "failures.json");
  const written = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, { time: number }>;
  for (const [hours, isKnown] of [
    [23, true],
    [25, false],
    [-25, false],
  ] as const) {
    const time = Date.now() - hours * 3600_000;
    fs.writeFileSync(file, JSON.stringify({ k: { ...written["k"], time } }));
    assert.is(knownFailure(place) !== undefined, isKnown, `${hours} hours`);
  }
  return Promise.resolve();
});

test.run();
