import { test } from "uvu";
import * as assert from "uvu/assert";
import { noteText, parseNote, type SupplyNote } from "../../../src/model/packaging/supply.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const note: SupplyNote = {
  package: "zfs-dkms-modules-linux",
  pair: { module: moduleId("zfs/2.2"), kernel: kernel("6.1") },
  objects: ["zfs.ko.zst"],
  sha256: { "zfs.ko.zst": "0a".repeat(32) },
  compiler: "GCC: (GNU) 14.2.1",
  source: { path: "/usr/src/zfs-2.2", package: "zfs-dkms 2.2-1", sha256: "11" },
};

test("what was written is read", () => {
  const { package: name, pair, objects, sha256 } = note;
  assert.equal(parseNote(noteText(note)), { package: name, pair, objects, sha256 });
});

const good: object = JSON.parse(noteText(note));
const bad: readonly (readonly [title: string, text: string])[] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["no object", "[]"],
  ["null", "null"],
  ["a format of the future", JSON.stringify({ ...good, format: 2 })],
  ["a path for a name", JSON.stringify({ ...good, module: "../zfs" })],
  ["no version", JSON.stringify({ ...good, version: undefined })],
  ["no package", JSON.stringify({ ...good, package: "" })],
  ["a number for a kernel", JSON.stringify({ ...good, kernel: 6 })],
  ["objects that are no list", JSON.stringify({ ...good, objects: "zfs.ko" })],
  ["no objects", JSON.stringify({ ...good, objects: [] })],
  ["no digests", JSON.stringify({ ...good, sha256: undefined })],
  ["an object without digest", JSON.stringify({ ...good, sha256: {} })],
  ["a digest that is none", JSON.stringify({ ...good, sha256: { "zfs.ko.zst": "00" } })],
  ["an object that leads elsewhere", JSON.stringify({ ...good, objects: ["../../x.ko"] })],
];

for (const [title, text] of bad) {
  test(`no note: ${title}`, () => {
    assert.is(parseNote(text), undefined);
  });
}

test.run();
