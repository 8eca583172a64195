/** What stamps remember, and when it does not count any more. */
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultSource, kernelDirectory, stampFile } from "../../../src/model/machine/layout.ts";
import { pairKey, type Pair } from "../../../src/model/pair.ts";
import type { Conf } from "../../../src/model/machine/world.ts";
import { ConfFiles } from "../../../src/observe/conf/conf-files.ts";
import { readConfigs, readConfs } from "../../../src/observe/conf/confs.ts";
import type { ObserveContext } from "../../../src/observe/context.ts";
import { InputReader, type InputDigests } from "../../../src/observe/stamps/inputs.ts";
import { judgePairs, type JudgedPairs } from "../../../src/observe/stamps/judged-pairs.ts";
import { readKernel } from "../../../src/observe/kernel/kernels.ts";
import { inspectPair } from "../../../src/observe/objects/objects.ts";
import { describePlaced, isUntouched } from "../../../src/observe/objects/placed-objects.ts";
import { rememberConf, RememberedConfs } from "../../../src/observe/stamps/remembered-confs.ts";
import { beginStamp, stampPlaced, writeStamp } from "../../../src/act/stamps/write-stamp.ts";
import { freshness, readStamp } from "../../../src/observe/stamps/stamp.ts";
import { readTree } from "../../../src/observe/tree/tree.ts";
import { takeUnexpected } from "../../../src/system/files/unexpected.ts";
import { asNobody } from "../../as-nobody.ts";
import { activate, build, elf, makeScratch, put, type Scratch } from "../../act/install/scratch.ts";
import { observeContext } from "../context.ts";

/** A module that is built and installed, with its stamp. */
interface Scene {
  readonly scratch: Scratch;
  readonly context: ObserveContext;
  readonly pair: Pair;
  readonly source: string;
  readonly installed: string;
  readonly conf: Extract<Conf, { kind: "valid" }>;
  digests(): InputDigests;
}

async function makeScene(more = ""): Promise<Scene> {
  const scratch = makeScratch();
  const layout = { ...scratch.layout, overrides: join(scratch.root, "etc") };
  const context = observeContext(layout);
  const object = elf({ version: "1.0" });
  const pair = build(scratch, "tiny/1.0", { "tiny.ko": object });
  const source = defaultSource(layout, pair.module);
  const headers = join(scratch.modules, "build");
  const text = `PACKAGE_NAME=tiny\nPACKAGE_VERSION=1.0\nDEST_MODULE_LOCATION[0]=/updates\nBUILD_EXCLUSIVE_KERNEL="^6"\n`;
  put(join(source, "dkms.conf"), `${text}${more}`);
  put(join(headers, "include/config/auto.conf"), "CONFIG_A=y\n");
  const installed = put(join(scratch.modules, "updates/dkms/tiny.ko"), object);
  activate(scratch, pair);
  const facts = readConfigs(context, [readKernel(layout, pair.kernel)]);
  const conf = (await readConfs(context, facts, [{ pair, source }])).get(pairKey(pair));
  if (conf?.kind !== "valid") throw new Error(`the conf of the scene is ${conf?.kind}`);
  const digests = (): InputDigests =>
    new InputReader().digests({ source, headers, overrides: new ConfFiles(context).overrides(pair) });
  const files = new ConfFiles(context).index(pair, source);
  writeStamp(layout, pair, digests(), rememberConf(context, files, conf));
  stampPlaced(layout, pair, describePlaced(layout, pair, [installed]));
  return { scratch, context, pair, source, installed, conf, digests };
}

function onScene(work: (scene: Scene) => void | Promise<void>, conf?: string): () => Promise<void> {
  return async () => {
    const scene = await makeScene(conf);
    try {
      await work(scene);
    } finally {
      scene.scratch.remove();
    }
  };
}

function found({ context, pair, source }: Scene, change: Partial<ObserveContext> = {}): Conf | undefined {
  const stamp = readStamp(context.layout, pair);
  return stamp === undefined ? undefined : new RememberedConfs({ ...context, ...change }).find(stamp, pair, source);
}

test(
  "a conf comes back from its stamp as it was evaluated",
  onScene((scene) => assert.equal(JSON.parse(JSON.stringify(found(scene))), JSON.parse(JSON.stringify(scene.conf)))),
);

const forgotten: readonly (readonly [what: string, change: (scene: Scene) => void])[] = [
  ["its file is edited", ({ source }) => fs.appendFileSync(join(source, "dkms.conf"), "AUTOINSTALL=yes\n")],
  ["its file was removed", ({ source }) => fs.rmSync(join(source, "dkms.conf"))],
  ["an override for the module is added", ({ scratch }) => put(join(scratch.root, "etc/tiny.conf"), "")],
  ["one for the version is added", ({ scratch }) => put(join(scratch.root, "etc/tiny-1.0.conf"), "")],
  ["one for the kernel is added", ({ scratch }) => put(join(scratch.root, "etc/tiny--6.1.0-test.conf"), "")],
  [
    "the stamp is another program's",
    (scene) => editStamp(scene, (text) => text.replace('"program":"', '"program":"x')),
  ],
  ["the stamp is cut short", (scene) => editStamp(scene, (text) => text.slice(0, -20))],
  ["the stamp is empty", (scene) => editStamp(scene, () => "")],
  ["the stamp is something else", (scene) => editStamp(scene, () => "[1]")],
];

for (const [what, change] of forgotten) {
  test(
    `a remembered conf does not count when ${what}`,
    onScene((scene) => {
      assert.ok(found(scene));
      change(scene);
      assert.is(found(scene), undefined);
    }),
  );
}

test(
  "a remembered conf does not count under options that change what it says, nor is one remembered then",
  onScene((scene) => {
    const { context, conf } = scene;
    for (const change of [
      { confFile: "/tmp/other.conf" },
      { kernelSource: "/usr/src/linux" },
      { kernelConfig: "/boot/config" },
      { directives: ["MAKE=make"] },
    ]) {
      const options = { ...context.options, ...change };
      assert.is(found(scene, { options }), undefined);
      assert.is(rememberConf({ ...context, options }, "", conf), undefined);
    }
  }),
);

test(
  "a stamp tells whether the inputs are what they were",
  onScene(({ context, pair, source, digests }) => {
    const stamp = readStamp(context.layout, pair);
    assert.is(freshness(stamp, digests()), "current");
    fs.utimesSync(join(source, "dkms.conf"), 1, 1);
    assert.is(freshness(stamp, digests()), "current", "another time with the same bytes");
    fs.appendFileSync(join(source, "dkms.conf"), "#\n");
    assert.is(freshness(stamp, digests()), "changed");
    assert.is(freshness(undefined, digests()), "unknown");
  }),
);

const touched: readonly (readonly [what: string, change: (scene: Scene) => void, fault: string | undefined])[] = [
  ["nothing", () => undefined, undefined],
  ["the installed file's time", ({ installed }) => fs.utimesSync(installed, 1, 1), undefined],
  ["a byte of it", ({ installed }) => overwrite(installed), "differs"],
  ["all of it", ({ installed }) => fs.rmSync(installed), "differs"],
  [
    "the built file",
    ({ scratch }) => overwrite(join(scratch.layout.dkmsTree, "tiny/1.0/6.1.0-test/x86_64/module/tiny.ko")),
    "differs",
  ],
];

for (const [what, change, fault] of touched) {
  test(
    `status knows what is installed when this has been touched: ${what}`,
    onScene(async (scene) => {
      const { context, pair, conf } = scene;
      const { layout, scheme } = context;
      change(scene);
      const state = readTree(layout)[0]?.pairs[0];
      const placed = readStamp(layout, pair)?.placed ?? [];
      if (state === undefined) throw new Error("the tree of the scene is empty");
      assert.is(
        placed.every((object) => isUntouched(layout, pair, object)),
        what === "nothing",
      );
      const order = { layout, scheme, state, objects: conf.directives.objects, placed };
      assert.is((await inspectPair(order)).fault?.kind, fault);
    }),
  );
}

test("a pair without a stamp gets none by being installed", async () => {
  const { scratch, context, pair, installed } = await makeScene();
  fs.rmSync(stampFile(context.layout, pair));
  stampPlaced(context.layout, pair, describePlaced(context.layout, pair, [installed]));
  assert.is(readStamp(context.layout, pair), undefined);
  scratch.remove();
});

function judged({ context, pair }: Scene): JudgedPairs {
  const { layout } = context;
  const modules = readTree(layout);
  const kernels = new Map([[`${pair.kernel.release}/${pair.kernel.arch}`, readKernel(layout, pair.kernel)]]);
  return judgePairs(context, { modules, kernels, interesting: [pair], subject: undefined });
}

/** Which confs a transaction has without evaluating them. */
function spared(scene: Scene): number {
  return judged(scene).confs.size;
}

test(
  "an installed pair that matches its inputs needs no shell",
  onScene((scene) => assert.is(spared(scene), 1)),
);
test(
  "one that is built again with its dependencies does",
  onScene((scene) => assert.is(spared(scene), 0), "BUILD_DEPENDS=other\nBUILD_DEPENDS_REBUILD=yes\n"),
);
test(
  "one whose inputs have changed does",
  onScene((scene) => {
    put(join(scene.source, "main.c"), "");
    assert.is(spared(scene), 0);
  }),
);
test(
  "one whose source the user cannot read as a whole counts as it is, and that is noted",
  onScene((scene) => {
    put(join(scene.source, "private/notes"), "");
    writeStamp(scene.context.layout, scene.pair, scene.digests(), undefined);
    fs.chmodSync(scene.scratch.root, 0o755);
    takeUnexpected();
    // In the second the names may be read, and nothing else.
    for (const mode of [0o700, 0o744]) {
      fs.chmodSync(join(scene.source, "private"), mode);
      assert.equal(
        asNobody(() => judged(scene)).modules[0]?.pairs.map((state) => state.freshness),
        ["current"],
      );
      const [note = ""] = takeUnexpected();
      assert.match(note, /^Whether tiny\/1\.0 for .* is up to date is not known: Cannot .*permission denied\.$/);
    }
    beginStamp(scene.context.layout, scene.pair);
    assert.equal(
      asNobody(() => judged(scene)).modules[0]?.pairs.map((state) => state.freshness),
      ["unknown"],
    );
  }),
);
test(
  "one that is only built does",
  onScene((scene) => {
    fs.rmSync(join(scene.scratch.layout.dkmsTree, "tiny/kernel-6.1.0-test-x86_64"));
    assert.is(spared(scene), 0);
  }),
);
test(
  "one of a kernel without headers is judged by nobody",
  onScene((scene) => {
    fs.rmSync(join(kernelDirectory(scene.context.layout, "6.1.0-test"), "build"), { recursive: true });
    assert.is(spared(scene), 0);
  }),
);

function editStamp({ context, pair }: Scene, change: (text: string) => string): void {
  const path = stampFile(context.layout, pair);
  fs.writeFileSync(path, change(fs.readFileSync(path, "utf8")));
}

/** Another byte, the same size and time. */
function overwrite(path: string): void {
  const { atime, mtime } = fs.statSync(path);
  const bytes = fs.readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
  fs.utimesSync(path, atime, mtime);
}

test(
  "a build that was begun and not ended fits no inputs",
  onScene(({ context, pair, digests }) => {
    assert.is(freshness(readStamp(context.layout, pair), digests()), "current");
    beginStamp(context.layout, pair);
    assert.is(freshness(readStamp(context.layout, pair), digests()), "changed");
  }),
);

test(
  "a change beyond the source is noticed by what the stamp remembers",
  onScene(({ scratch, context, pair, source }) => {
    const part = put(join(scratch.root, "share/part.h"), "1");
    const headers = join(scratch.modules, "build");
    const read = { source, headers, overrides: [], beyond: [part] };
    writeStamp(context.layout, pair, new InputReader().digests(read), undefined);
    const stamp = readStamp(context.layout, pair);
    assert.equal(stamp?.beyond, [part]);
    assert.is(freshness(stamp, new InputReader().digests(read)), "current");
    put(part, "2");
    assert.is(freshness(stamp, new InputReader().digests(read)), "changed");
  }),
);

test.run();
