import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readElfSection } from "../../../src/observe/objects/elf-sections.ts";
import { parseModuleInfo, readModuleInfo, readModuleInfos } from "../../../src/observe/objects/module-info.ts";
import { elf, packed, put } from "../../act/install/scratch.ts";

const root = mkdtempSync(join(tmpdir(), "dkms-info-"));
test.after(() => rmSync(root, { recursive: true }));

const object = elf({
  version: "1.0-rc1",
  srcversion: "ABC",
  vermagic: "6.1.0 SMP",
  description: "has: colons",
  depends: "usbcore,snd",
});
const files: readonly (readonly [string, Uint8Array])[] = [
  ["a.ko", object],
  ["a.ko.gz", packed("gzip", object)],
  ["a.ko.xz", packed("xz", object)],
  ["a.ko.zst", packed("zstd", object)],
];
for (const [name, bytes] of files) {
  test(`reads ${name}`, async () => {
    const file = put(join(root, name), bytes);
    assert.equal(await readModuleInfo(file), {
      version: "1.0-rc1",
      srcversion: "ABC",
      checksum: undefined,
      vermagic: "6.1.0 SMP",
      depends: ["usbcore", "snd"],
      isSigned: false,
    });
  });
}

for (const name of ["b.ko", "b.ko.gz", "b.ko.xz", "b.ko.zst"]) {
  test(`${name} that holds nonsense is no module`, async () => {
    assert.is(await readModuleInfo(put(join(root, name), "nonsense")), undefined);
  });
}

test("a file that is not there is no module", async () => {
  assert.is(await readModuleInfo(join(root, "none.ko")), undefined);
  assert.is(await readModuleInfo(join(root, "none.ko.gz")), undefined);
});

test("many objects are read at once, and plain ones without modinfo", async () => {
  const paths = Array.from({ length: 600 }, (_, index) => put(join(root, `many/${index}.ko.zst`), files[3]?.[1] ?? ""));
  const plain = put(join(root, "many/plain.ko"), object);
  const infos = await readModuleInfos([...paths, plain, put(join(root, "many/bad.ko.zst"), "nonsense")]);
  assert.is(infos.size, 601);
  assert.equal(infos.get(paths[599] ?? "")?.depends, ["usbcore", "snd"]);
  const before = process.env["PATH"];
  process.env["PATH"] = "/nonexistent";
  try {
    assert.equal((await readModuleInfos([plain])).get(plain), infos.get(plain));
    assert.is(infos.get(plain)?.version, "1.0-rc1");
  } finally {
    process.env["PATH"] = before;
  }
});

test("a plain object is signed that ends with the kernel's mark", async () => {
  const signed = put(join(root, "signed.ko"), Buffer.concat([object, Buffer.from("~Module signature appended~\n")]));
  const info = await readModuleInfo(signed);
  assert.equal([info?.isSigned, info?.version], [true, "1.0-rc1"]);
});

test("what a damaged header says leads nowhere", async () => {
  for (let at = 4; at < 64; at += 1) {
    const bytes = Buffer.from(object);
    bytes.fill(0xff, at, at + 8);
    assert.type(readElfSection(put(join(root, "damaged.ko"), bytes), ".modinfo")?.length ?? 0, "number");
  }
  assert.is(readElfSection(put(join(root, "short.ko"), object.subarray(0, 200)), ".modinfo"), undefined);
});

test("of a repeated field the first counts, and values keep what they hold", () => {
  const info = parseModuleInfo("filename:       /x=1.ko\0version=1:2=3\0version=4\0description=a\nsrcversion=no\0");
  assert.is(info.version, "1:2=3");
  assert.is(info.srcversion, undefined);
});

test.run();
