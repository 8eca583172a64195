/** Words that speak of flags are found wherever they stand among a module's files. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { OwnFlags } from "../../../src/observe/stamps/own-flags.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-own-flags-"));
const source = join(root, "zfs-1");

function put(path: string, text: string): void {
  fs.mkdirSync(dirname(join(root, path)), { recursive: true });
  fs.writeFileSync(join(root, path), text);
}

test.before.each(() => {
  fs.rmSync(root, { recursive: true });
  put("zfs-1/Makefile", "ccflags-y += -O2\n");
  put("zfs-1/deep/main.c", "int main;\n");
});

const found: Readonly<Record<string, () => void>> = {
  "a makefile": () => put("zfs-1/Makefile", "KCFLAGS ?= -Wno-error\n"),
  "a script deep below": () => put("zfs-1/deep/er/build.sh", "make KCFLAGS=-O3\n"),
  "what a link leads to": () => {
    put("elsewhere", "pahole -J $1\n");
    fs.symlinkSync("../elsewhere", join(source, "btf"));
  },
  "what an administrator lays over": () => put("etc/zfs/patches/1.patch", "+KCFLAGS ?= -g\n"),
};

for (const [what, change] of Object.entries(found)) {
  test(`found in ${what}`, async () => {
    change();
    assert.is(await new OwnFlags().mention(source, join(root, "etc/zfs")), true);
  });
}

test("nothing is found where nothing is, nor is anything waited for", async () => {
  fs.symlinkSync("deep", join(source, "directory"));
  fs.symlinkSync("nowhere", join(source, "nowhere"));
  assert.is(await new OwnFlags().mention(source, join(root, "etc/zfs")), false);
});

test.after(() => fs.rmSync(root, { recursive: true }));
test.run();
