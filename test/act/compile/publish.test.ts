/** A kill between any two steps of a publication loses no result, and the next run tidies up. */
import * as fs from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { publish } from "../../../src/act/compile/publish.ts";
import { clearStaleBuilds } from "../../../src/act/compile/workspace.ts";
import { listEntries } from "../../../src/system/files/files.ts";
import { Listings } from "../../../src/system/files/listings.ts";
import { onOverlay } from "../../system/writing/overlay.ts";
import { Scene, type Files } from "./scene.ts";

const test = suite<{ scene: Scene }>("publish");
test.before.each((context) => {
  context.scene = new Scene();
});
test.after.each(({ scene }) => scene.remove());

const k = "tree/hello/1.0/6.1";

/** What a run that was killed can have left in `M/V/K`, and what is there after the next one. */
const rows: readonly (readonly [
  what: string,
  left: Files,
  directories: readonly string[],
  after: string | undefined,
])[] = [
  ["before anything", { "x86_64/module/x": "old", ".tmp_x86_64_AbCdEf/module/x": "new" }, [], "old"],
  [
    "the old one moved aside",
    { ".undo_x86_64_AbCdEf/module/x": "old", ".tmp_x86_64_AbCdEf/module/x": "new" },
    [],
    "old",
  ],
  ["the new one in doubt", { ".undo_x86_64_AbCdEf/module/x": "old", "x86_64/module/x": "new" }, [], "old"],
  [
    "the old one copied by half",
    { "x86_64/module/x": "old", ".tmp_x86_64_AbCdEf-former/module/x": "o", ".tmp_x86_64_AbCdEf/module/x": "new" },
    [],
    "old",
  ],
  [
    "the old one copied aside and removed by half",
    { ".undo_x86_64_AbCdEf/module/x": "old", "x86_64/log/y": "", ".tmp_x86_64_AbCdEf/module/x": "new" },
    [],
    "old",
  ],
  ["the new one true", { ".old_x86_64_AbCdEf/module/x": "old", "x86_64/module/x": "new" }, [], "new"],
  ["the first one staged", { ".tmp_x86_64_AbCdEf/module/x": "new" }, [".undo_x86_64_AbCdEf"], undefined],
  ["the first one in doubt", { "x86_64/module/x": "new" }, [".undo_x86_64_AbCdEf"], undefined],
  ["the first one true", { "x86_64/module/x": "new" }, [".old_x86_64_AbCdEf"], "new"],
];

for (const [what, left, directories, after] of rows) {
  test(`killed with ${what}`, ({ scene }) => {
    scene.write(Object.fromEntries(Object.entries(left).map(([path, text]) => [`${k}/${path}`, text])));
    scene.write({ "tree/.dkms-alpm/build/hello-1.0-6.1-x86_64.AbCdEf/build/hello.c": "" });
    for (const name of directories) fs.mkdirSync(`${scene.root}/${k}/${name}`);
    const listings = new Listings();
    clearStaleBuilds(scene.layout, listings);
    assert.equal(scene.list(k), after === undefined ? [] : ["x86_64"]);
    for (const path of ["tree", "tree/hello", "tree/hello/1.0"].map((name) => `${scene.root}/${name}`)) {
      assert.equal(listings.list(path), listEntries(path));
    }
    if (after !== undefined) assert.is(scene.read(`${k}/x86_64/module/x`), after);
    assert.equal(scene.list("tree/.dkms-alpm/build"), []);
  });
}

test("a publication can be taken back until it is committed", ({ scene }) => {
  scene.write({ [`${k}/x86_64/module/x`]: "old", [`${k}/.tmp_x86_64_AbCdEf/module/x`]: "new" });
  const at = `${scene.root}/${k}`;
  const first = publish(`${at}/.tmp_x86_64_AbCdEf`, `${at}/x86_64`);
  assert.is(scene.read(`${k}/x86_64/module/x`), "new");
  first.takeBack(`${at}/.tmp_x86_64_GhIjKl`);
  fs.rmSync(`${at}/.tmp_x86_64_GhIjKl`, { recursive: true });
  assert.is(scene.read(`${k}/x86_64/module/x`), "old");
  scene.write({ [`${k}/.tmp_x86_64_AbCdEf/module/x`]: "new" });
  publish(`${at}/.tmp_x86_64_AbCdEf`, `${at}/x86_64`).commit();
  assert.is(scene.read(`${k}/x86_64/module/x`), "new");
  assert.equal(scene.list(k), ["x86_64"]);
});

test("a result of an overlay's lower layer is replaced, and comes back when the new one is taken back", async ({
  scene,
}) => {
  scene.write({ [`${k}/x86_64/module/x`]: "old" });
  const at = `${scene.root}/${k}`;
  fs.chmodSync(`${at}/x86_64/module/x`, 0o640);
  const stage = (): string => {
    scene.write({ [`${k}/.tmp_x86_64_AbCdEf/module/x`]: "new" });
    return `${at}/.tmp_x86_64_AbCdEf`;
  };
  await onOverlay(scene.root, () => {
    publish(stage(), `${at}/x86_64`).takeBack(`${at}/.tmp_x86_64_GhIjKl`);
    assert.is(scene.read(`${k}/x86_64/module/x`), "old");
    assert.is(fs.statSync(`${at}/x86_64/module/x`).mode & 0o777, 0o640);
    fs.rmSync(`${at}/.tmp_x86_64_GhIjKl`, { recursive: true });
    assert.equal(scene.list(k), ["x86_64"]);
  });
  await onOverlay(scene.root, () => {
    publish(stage(), `${at}/x86_64`).commit();
    assert.is(scene.read(`${k}/x86_64/module/x`), "new");
    assert.equal(scene.list(k), ["x86_64"]);
  });
});

test("what others keep in the tree stays", ({ scene }) => {
  scene.write({
    [`${k}/x86_64/.dep_other`]: "1.0\n",
    "tree/hello/original_module/6.1/x86_64/hello.ko": "original",
    "tree/hello/1.0/tarball/.tmp_x_y": "someone's",
  });
  clearStaleBuilds(scene.layout);
  assert.is(scene.read(`${k}/x86_64/.dep_other`), "1.0\n");
  assert.is(scene.read("tree/hello/original_module/6.1/x86_64/hello.ko"), "original");
  assert.equal(scene.list("tree/hello/1.0/tarball"), [".tmp_x_y"]);
});

test.run();
