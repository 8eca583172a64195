/** Finding the archives of a transaction. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseTargets } from "../../../../src/alpm/targets.ts";
import { readIncoming } from "../../../../src/observe/pacman/incoming/incoming.ts";
import { parsePacmanCommand } from "../../../../src/observe/pacman/incoming/pacman-command.ts";

const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-incoming-"));
const cache = join(folder, "cache");
mkdirSync(cache);
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A package with one file; gives the path of its archive. */
function archive(path: string, name: string, file: string): string {
  const root = mkdtempSync(join(folder, "root-"));
  for (const [member, text] of [
    [".PKGINFO", `pkgname = ${name}\npkgver = 1-1\nsize = 7\n`],
    [file, ""],
  ] as const) {
    mkdirSync(dirname(join(root, member)), { recursive: true });
    writeFileSync(join(root, member), text);
  }
  execFileSync("bsdtar", ["--zstd", "-cf", join(folder, path), "-C", root, ".PKGINFO", "usr"]);
  return join(folder, path);
}

const headers = archive("linux-headers-1-1-any.pkg.tar(1).zst", "linux-headers", "usr/lib/modules/1/build/include/x.h");
const source = archive("artifact.pkg.tar.zst", "a-dkms", "usr/src/a-1/dkms.conf");
const gcc = archive("some-other-1-any.pkg.tar.zst(2)", "gcc", "usr/bin/gcc");
const cached = archive("cache/a-dkms-1-1-any.pkg.tar.zst", "a-dkms", "usr/src/a-1/dkms.conf");
const liar = archive("cache/b-dkms-1-1-any.pkg.tar.zst", "other", "usr/src/b-1/dkms.conf");

const targets = parseTargets("usr/lib/modules/1/build/include/\nusr/src/a-1/dkms.conf\nusr/src/b-1/dkms.conf\ngcc\n");

const read = async (...given: readonly string[]) => {
  const words = ["pacman", "-U", `--cachedir=${cache}`, ...given];
  const pacman = { command: parsePacmanCommand(words), words, directories: [] };
  return readIncoming(targets, pacman, new AbortController().signal);
};

test("files on the command line are the transaction's, whatever their names are", async () => {
  const { packages, missing, toolchain } = await read(headers, source, gcc);
  assert.equal(packages.map(({ archive: path }) => path).toSorted(), [headers, source, gcc].toSorted());
  assert.equal([missing, toolchain], [["usr/src/b-1/dkms.conf"], []]);
});

test("in the download cache the package has to be the one that the file's name says", async () => {
  const { packages, missing } = await read(headers);
  assert.equal(packages.map(({ archive: path }) => path).toSorted(), [cached, headers].toSorted());
  assert.equal(missing, ["usr/src/b-1/dkms.conf"], `${liar} was believed`);
});

test.run();
