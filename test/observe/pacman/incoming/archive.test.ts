/** Package archives tell what is in them, quickly where they begin with a list of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArchive } from "../../../../src/observe/pacman/incoming/archive.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-archive-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const root = join(folder, "root");
mkdirSync(join(root, "usr/src/a-1"), { recursive: true });
writeFileSync(join(root, ".PKGINFO"), "pkgname = a-dkms\npkgver = 1-1\nsize = 7\n");
writeFileSync(join(root, "usr/src/a-1/dkms.conf"), "");
writeFileSync(join(root, "usr/src/a-1/with a space"), "");

function archive(name: string, ...members: readonly string[]): string {
  const path = join(folder, name);
  execFileSync("bsdtar", ["-cf", path, "-C", root, ...members]);
  return path;
}

const read = async (path: string): Promise<unknown> => {
  const content = await readArchive(path, new AbortController().signal);
  return content === undefined ? undefined : { name: content.info.name, files: content.files.toSorted() };
};

const directories = ["usr/", "usr/src/", "usr/src/a-1/"];
const files = [...directories, "usr/src/a-1/dkms.conf", "usr/src/a-1/with a space"];

test("an archive without a list is read to its end", async () => {
  assert.equal(await read(archive("bare", ".PKGINFO", "usr")), { name: "a-dkms", files });
});

test("a list is believed, and the rest is not read; directories have their slash", async () => {
  const options = ["--format", "mtree", "--options", "!all,type,size", "--exclude", "dkms.conf"];
  execFileSync("bsdtar", ["-czf", join(root, ".MTREE"), ...options, "-C", root, ".PKGINFO", "usr"]);
  const listed = [...directories, "usr/src/a-1/with a space"];
  assert.equal(await read(archive("listed", ".MTREE", ".PKGINFO", "usr")), { name: "a-dkms", files: listed });
});

test("where the list is none, the archive is read to its end", async () => {
  writeFileSync(join(root, ".MTREE"), "not compressed, and no list");
  assert.equal(await read(archive("damaged", ".MTREE", ".PKGINFO", "usr")), { name: "a-dkms", files });
});

test("what is no package has no content", async () => {
  writeFileSync(join(folder, "text"), "text");
  assert.is(await read(join(folder, "text")), undefined);
  assert.is(await read(archive("nameless", "usr")), undefined);
});

test.run();
