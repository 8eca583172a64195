/** What kernel objects say of themselves, in every compression, and that each is read once. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { movedLayout } from "../../../src/model/machine/layout.ts";
import { ObjectReader } from "../../../src/observe/boot/object-file.ts";
import { koFile } from "./made-files.ts";

const directory = mkdtempSync(join(tmpdir(), "dkms-object-file-"));
const layout = movedLayout({ dkmsTree: join(directory, "tree") });
test.after(() => rmSync(directory, { recursive: true }));

const nothing = { vermagic: undefined, machine: undefined, signed: undefined };
const vermagic = "6.6.1-arch1-1 SMP preempt mod_unload ";

const rows = [
  ["an object", koFile("6.6.1-arch1-1"), { vermagic, machine: "x86_64", signed: false }],
  ["a signed one", koFile("6.6.1-arch1-1", { signed: true }), { vermagic, machine: "x86_64", signed: true }],
  [
    "one of another machine",
    koFile("6.6.1-arch1-1", { machine: 183 }),
    { vermagic, machine: "aarch64", signed: false },
  ],
  [
    "one of a machine without a name",
    koFile("6.6.1-arch1-1", { machine: 999 }),
    { vermagic, machine: "machine 999", signed: false },
  ],
  ["one without vermagic", koFile("", { vermagic: false }), { vermagic: undefined, machine: "x86_64", signed: false }],
  ["a text", Buffer.from("vermagic=6.6.1 \0"), nothing],
  ["nothing", Buffer.alloc(0), nothing],
] as const;

for (const [title, bytes, expected] of rows) {
  test(title, async () => {
    const plain = join(directory, "tiny.ko");
    writeFileSync(plain, bytes);
    assert.equal(await new ObjectReader(layout).read(plain), expected);
    for (const [program, suffix] of [
      ["gzip", "gz"],
      ["xz", "xz"],
      ["zstd", "zst"],
    ] as const) {
      const packed = `${plain}.${suffix}`;
      writeFileSync(packed, execFileSync(program, ["-c"], { input: bytes }));
      assert.equal(await new ObjectReader(layout).read(packed), expected, suffix);
    }
  });
}

test("no file", async () => assert.equal(await new ObjectReader(layout).read(join(directory, "none.ko")), nothing));

test("an object that is cut off while it is compressed says nothing", async () => {
  const path = join(directory, "cut.ko.zst");
  writeFileSync(path, execFileSync("zstd", ["-c"], { input: koFile("6.6.1") }).subarray(0, 20));
  assert.equal(await new ObjectReader(layout).read(path), nothing);
});

test("what was read is remembered until the file is another one", async () => {
  const path = join(directory, "remembered.ko");
  writeFileSync(path, koFile("6.6.1"));
  const first = new ObjectReader(layout);
  await first.read(path);
  first.save();
  const file = join(layout.run, "boot-objects.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("6.6.1 SMP", "6.6.9 SMP"));
  assert.match((await new ObjectReader(layout).read(path)).vermagic ?? "", /^6\.6\.9 /);
  utimesSync(path, 1, 1);
  assert.match((await new ObjectReader(layout).read(path)).vermagic ?? "", /^6\.6\.1 /);
});

test.run();
