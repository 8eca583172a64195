import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ownedFiles, packageFiles } from "../../../src/observe/pacman/local-database.ts";
import { put } from "../../act/install/scratch.ts";

test("files in pacman's lists, whole lines only, by the path without links", () => {
  const root = mkdtempSync(join(tmpdir(), "dkms-packages-"));
  try {
    const database = join(root, "elsewhere");
    const kernel = join(root, "usr/lib/modules/6.1");
    mkdirSync(kernel, { recursive: true });
    symlinkSync("usr/lib", join(root, "lib"));
    const listed = `${kernel.slice(1)}/a.ko`;
    put(join(database, "local/ALPM_DB_VERSION"), "9\n");
    put(join(database, "local/linux-6.1-1/files"), `%FILES%\nusr/\n${listed}\n${listed}.zst.sig\n`);
    put(join(database, "local/broken-1/desc"), "");
    const paths = [`${kernel}/a.ko`, `${root}/lib/modules/6.1/a.ko`, `${kernel}/a.ko.zst`, `${kernel}/b.ko`];
    assert.equal([...(ownedFiles(database, paths) ?? [])], paths.slice(0, 2));
    assert.equal([...(ownedFiles(database, []) ?? [])], []);
    assert.is(ownedFiles(join(root, "none"), paths), undefined);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("the files of the packages that were asked for", () => {
  const database = mkdtempSync(join(tmpdir(), "dkms-packages-"));
  const write = (entry: string, files: string): void => {
    mkdirSync(join(database, "local", entry), { recursive: true });
    writeFileSync(join(database, "local", entry, "files"), files);
  };
  write("zfs-dkms-2.2.2-1", "%FILES%\nusr/\nusr/src/zfs-2.2.2/dkms.conf\n\n%BACKUP%\netc/zfs.conf\t0\n");
  write("zfs-dkms-git-2.3.r1-1", "%FILES%\nusr/other\n");
  write("empty-1:1-1", "");
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
