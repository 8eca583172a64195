/** Whatever a build reads and an administrator or a package can change: every change is noticed, by the stats at once, by the contents in the end. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InputReader, type InputDigests } from "../../../src/observe/stamps/inputs.ts";
import { InputsBeyond } from "../../../src/observe/stamps/inputs-beyond.ts";
import { OwnFlags } from "../../../src/observe/stamps/own-flags.ts";
import { digestOfInput, sha256 } from "../../../src/system/files/digests.ts";

const root = fs.mkdtempSync(join(tmpdir(), "dkms-inputs-"));
const source = join(root, "src/zfs-2.2.2");
const headers = join(root, "headers");
const overrides = ["zfs.conf", "zfs-2.2.2.conf", "zfs"].map((name) => join(root, "etc", name));

const earlier = new Date(Date.now() - 3_600_000);

function put(path: string, text: string): void {
  fs.mkdirSync(join(path, ".."), { recursive: true });
  fs.writeFileSync(path, text);
}

/** Everything is an hour old: what a test writes has another time, however quick it is. */
function layOut(): void {
  fs.rmSync(root, { recursive: true, force: true });
  put(join(source, "dkms.conf"), "PACKAGE_NAME=zfs\n");
  put(join(source, "main.c"), "int main;\n");
  put(join(source, "deep/er/header.h"), "#pragma once\n");
  put(join(source, "configure"), "#!/bin/sh\n");
  put(join(root, "elsewhere.h"), "/* linked */\n");
  fs.symlinkSync("../../elsewhere.h", join(source, "linked.h"));
  put(join(headers, "include/config/auto.conf"), "CONFIG_A=y\n");
  put(join(headers, "Module.symvers"), "0x1\ta\tvmlinux\n");
  fs.mkdirSync(join(root, "etc"));
  for (const name of fs.readdirSync(root, { recursive: true, encoding: "utf8" }))
    fs.lutimesSync(join(root, name), earlier, earlier);
}

function digests(): InputDigests {
  return new InputReader().digests({ source, headers, overrides });
}

/** Digests that have been read before the change. */
function taken(): { readonly index: string; readonly content: string } {
  const { index, content } = digests();
  return { index, content: content() };
}

const changes: readonly (readonly [what: string, change: () => void])[] = [
  ["a source file that grows", () => fs.appendFileSync(join(source, "main.c"), "int more;\n")],
  ["a byte of a source file deep below", () => put(join(source, "deep/er/header.h"), "#pragma Once\n")],
  ["the permissions of a script", () => fs.chmodSync(join(source, "configure"), 0o755)],
  ["a new file", () => put(join(source, "new.c"), "")],
  ["a new file in a new directory", () => put(join(source, "patches/1.patch"), "")],
  ["a removed file", () => fs.rmSync(join(source, "main.c"))],
  ["a file that is called otherwise", () => fs.renameSync(join(source, "main.c"), join(source, "Main.c"))],
  ["a link that leads elsewhere", () => relink("../../other.h")],
  ["what a link leads to", () => fs.appendFileSync(join(root, "elsewhere.h"), "int x;\n")],
  ["a file instead of a link", () => replaceLink()],
  ["dkms.conf", () => fs.appendFileSync(join(source, "dkms.conf"), "AUTOINSTALL=yes\n")],
  ["an override that is added", () => put(overrides[0] ?? "", "MAKE=make\n")],
  ["the second override", () => put(overrides[1] ?? "", "MAKE=make\n")],
  ["a patch of the administrator's", () => put(join(root, "etc/zfs/patches/1.patch"), "--- a\n")],
  ["the kernel's configuration", () => put(join(headers, "include/config/auto.conf"), "CONFIG_A=m\n")],
  ["the kernel's symbols", () => put(join(headers, "Module.symvers"), "0x2\ta\tvmlinux\n")],
  ["headers that were not there", () => put(join(headers, "include/generated/utsrelease.h"), "#define X\n")],
  ["removed headers", () => fs.rmSync(headers, { recursive: true })],
];

for (const [what, change] of changes) {
  test(`noticed: ${what}`, () => {
    layOut();
    const before = taken();
    change();
    const after = taken();
    assert.not.equal(after.index, before.index);
    assert.not.equal(after.content, before.content);
  });
}

test("nothing is noticed where nothing has changed", () => {
  layOut();
  assert.equal(taken(), taken());
});

test("a time alone changes the index, not the content", () => {
  layOut();
  const before = taken();
  fs.utimesSync(join(source, "main.c"), new Date(), new Date());
  assert.not.equal(taken().index, before.index);
  assert.is(taken().content, before.content);
});

test("overrides that are not there need not be named", () => {
  layOut();
  const some = new InputReader().digests({ source, headers, overrides: [] });
  assert.is(some.index, digests().index);
  assert.is(some.content(), digests().content());
});

test("directories alone do not count, nor does the caller's own", () => {
  layOut();
  const before = taken();
  fs.mkdirSync(join(source, "empty"));
  const here = process.cwd();
  process.chdir(root);
  const after = taken();
  process.chdir(here);
  assert.equal(after, before);
});

test("a file of more bytes than can be read at once counts as every other", async () => {
  layOut();
  const { content } = taken();
  put(join(source, "core.sh"), "");
  fs.truncateSync(join(source, "core.sh"), 2 * 1024 ** 3);
  assert.not.equal(taken().content, content);
  assert.is(await new OwnFlags().mention(source), false);
  assert.equal(new InputsBeyond().of(source, headers).packaged, []);
});

test("the digest of a file is that of its bytes", () => {
  layOut();
  const bytes = Buffer.alloc(3 * 1024 ** 2 + 1, "x");
  put(join(source, "large.bin"), bytes.toString());
  assert.is(digestOfInput(join(source, "large.bin")), sha256(bytes));
});

test("a link that leads to itself is no trouble", () => {
  layOut();
  fs.symlinkSync("circle", join(source, "circle"));
  assert.equal(taken(), taken());
});

function relink(text: string): void {
  fs.rmSync(join(source, "linked.h"));
  fs.symlinkSync(text, join(source, "linked.h"));
}

function replaceLink(): void {
  fs.rmSync(join(source, "linked.h"));
  put(join(source, "linked.h"), "/* linked */\n");
}

test.after(() => fs.rmSync(root, { recursive: true, force: true }));

test.run();
