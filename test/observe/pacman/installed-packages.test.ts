import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageFiles } from "../../../src/observe/pacman/installed-packages.ts";

test("the files of the packages that were asked for", () => {
  const database = mkdtempSync(join(tmpdir(), "dkms-packages-"));
  const put = (entry: string, files: string): void => {
    mkdirSync(join(database, "local", entry), { recursive: true });
    writeFileSync(join(database, "local", entry, "files"), files);
  };
  put("zfs-dkms-2.2.2-1", "%FILES%\nusr/\nusr/src/zfs-2.2.2/dkms.conf\n\n%BACKUP%\netc/zfs.conf\t0\n");
  put("zfs-dkms-git-2.3.r1-1", "%FILES%\nusr/other\n");
  put("empty-1:1-1", "");
  writeFileSync(join(database, "local", "ALPM_DB_VERSION"), "9\n");
  try {
    const found = packageFiles(database, new Set(["zfs-dkms", "empty", "absent"]));
    assert.equal(
      [...found],
      [
        ["empty", []],
        ["zfs-dkms", ["usr/", "usr/src/zfs-2.2.2/dkms.conf"]],
      ],
    );
    assert.equal([...packageFiles(join(database, "nowhere"), new Set(["zfs-dkms"]))], []);
  } finally {
    rmSync(database, { recursive: true });
  }
});

test.run();
