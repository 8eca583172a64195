/** What is signed, and what of other people's stays as it is. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { signPackage } from "../../../src/act/package/repository.ts";
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

test.run();
