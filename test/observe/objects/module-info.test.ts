import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseModuleInfo, readModuleInfo } from "../../../src/observe/objects/module-info.ts";
import { elf, packed, put } from "../../act/install/scratch.ts";

const root = mkdtempSync(join(tmpdir(), "dkms-info-"));
test.after(() => rmSync(root, { recursive: true }));

const object = elf({ version: "1.0-rc1", srcversion: "ABC", vermagic: "6.1.0 SMP", description: "has: colons" });
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
      depends: [],
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

test("of a repeated field the first counts, and values keep what they hold", () => {
  const info = parseModuleInfo("filename:       /x=1.ko\0version=1:2=3\0version=4\0description=a\nsrcversion=no\0");
  assert.is(info.version, "1:2=3");
  assert.is(info.srcversion, undefined);
});

test.run();
