/** What is signed, and what of other people's stays as it is. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addToRepository, signPackage } from "../../../src/act/package/repository.ts";
import { DkmsError } from "../../../src/model/errors.ts";

test("a signature that somebody else made is neither removed nor overwritten", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-sign-"));
  try {
    const archive = join(directory, "a-1-1-any.pkg.tar.zst");
    writeFileSync(archive, "package");
    writeFileSync(`${archive}.sig`, "of somebody else");
    const error = await signPackage(archive, "nobody", new AbortController().signal).catch((caught: unknown) => caught);
    if (!(error instanceof DkmsError)) throw error;
    assert.is(error.code, "signing-failed");
    assert.match(error.message, "exists and does not belong to this package");
    assert.is(readFileSync(`${archive}.sig`, "utf8"), "of somebody else");
    assert.is(readdirSync(directory).length, 2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Has repo-add enter a package in a directory that was changed before. */
async function entering(change: (database: string) => void): Promise<DkmsError | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "dkms-repository-"));
  try {
    writeFileSync(join(directory, ".PKGINFO"), "pkgname = a\npkgbase = a\npkgver = 1-1\narch = any\n");
    const archive = join(directory, "a-1-1-any.pkg.tar.zst");
    execFileSync("bsdtar", ["-cf", archive, "--zstd", "-C", directory, ".PKGINFO"]);
    change(join(directory, "own.db.tar.gz"));
    const repository = { directory, database: "own.db.tar.gz" };
    await addToRepository({ repository, packages: [archive], key: undefined, signal: new AbortController().signal });
    return undefined;
  } catch (error) {
    if (error instanceof DkmsError) return error;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a repo-add that exits with status 0 is believed when the database is in its place", async () => {
  assert.is(await entering(() => {}), undefined);
  const error = await entering(mkdirSync);
  assert.match(error?.message ?? "", /^repo-add has not put .*\/own\.db\.tar\.gz in its place\.$/);
  assert.match(error?.facts.hint ?? "", "/.tmp.own.db.tar.gz");
});

test("the lock of a repo-add that was killed is named", async () => {
  const error = await entering((database) => writeFileSync(`${database}.lck`, "19\n"));
  assert.match(error?.facts.hint ?? "", /: rm .*\/own\.db\.tar\.gz\.lck$/);
});

test.run();
