import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ownedFiles } from "../../../src/observe/pacman/local-database.ts";
import { put } from "../../act/install/scratch.ts";

test("files in pacman's lists, whole lines only, by the path without links", () => {
  const root = mkdtempSync(join(tmpdir(), "dkms-packages-"));
  try {
    const database = join(root, "local");
    const kernel = join(root, "usr/lib/modules/6.1");
    mkdirSync(kernel, { recursive: true });
    symlinkSync("usr/lib", join(root, "lib"));
    const listed = `${kernel.slice(1)}/a.ko`;
    put(join(database, "ALPM_DB_VERSION"), "9\n");
    put(join(database, "linux-6.1-1/files"), `%FILES%\nusr/\n${listed}\n${listed}.zst.sig\n`);
    put(join(database, "broken-1/desc"), "");
    const paths = [`${kernel}/a.ko`, `${root}/lib/modules/6.1/a.ko`, `${kernel}/a.ko.zst`, `${kernel}/b.ko`];
    assert.equal([...ownedFiles(paths, database)], paths.slice(0, 2));
    assert.equal([...ownedFiles([], database)], []);
    assert.equal([...ownedFiles(paths, join(root, "none"))], []);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.run();
