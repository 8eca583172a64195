/** `dkms-pkgbuild new` and sources that mean harm: nothing outside of the new package is written, read or run. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const program = resolve(import.meta.dirname, "../../../dist/bin/dkms-pkgbuild");

/** Runs a test in a directory of its own, which is the working directory of the program as well. */
function inDirectory(work: (directory: string, run: (...words: readonly string[]) => Answer) => void): () => void {
  return () => {
    if (!existsSync(program)) throw new Error(`${program} does not exist: run scripts/build first`);
    const directory = mkdtempSync(join(tmpdir(), "dkms-alpm-new-"));
    try {
      work(directory, (...words) => {
        const options = { encoding: "utf8", cwd: directory, timeout: 60_000 } as const;
        const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], options);
        return { status, stdout, stderr };
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const conf = "PACKAGE_NAME=tiny\nPACKAGE_VERSION=1\nBUILT_MODULE_NAME=tiny\nDEST_MODULE_LOCATION=/updates\n";

const extracted = (): string[] => readdirSync("/tmp").filter((name) => name.startsWith("dkms-pkgbuild-"));

test(
  "a tarball that leads out of its directory is refused, and nothing of it stays",
  inDirectory((directory, run) => {
    mkdirSync(join(directory, "tiny-1"));
    writeFileSync(join(directory, "tiny-1/dkms.conf"), conf);
    writeFileSync(join(directory, "escaped"), "");
    const renamed = "-s,^escaped,../../escaped-from-dkms-pkgbuild,";
    const packed = spawnSync("bsdtar", ["-cf", "tiny-1.tar", "-P", renamed, "tiny-1", "escaped"], { cwd: directory });
    assert.is(packed.status, 0, String(packed.stderr));
    const { status, stderr } = run("new", "tiny-1.tar");
    assert.is(status, 7, stderr);
    assert.match(stderr, /tiny-1\.tar cannot be extracted: .*'\.\.'/);
    assert.not.ok(existsSync("/escaped-from-dkms-pkgbuild"));
    assert.equal(extracted(), []);
    assert.not.ok(existsSync(join(directory, "tiny-dkms")));
  }),
);

test(
  "links in sources are packed as links and never followed",
  inDirectory((directory, run) => {
    mkdirSync(join(directory, "tiny-1"));
    for (const [name, target] of [
      ["Makefile", "/etc/shadow"],
      ["dkms.conf", "/etc/shadow"],
      ["sub", "/"],
    ] as const) {
      symlinkSync(target, join(directory, "tiny-1", name));
    }
    const refused = run("new", "tiny-1");
    assert.is(refused.status, 4, refused.stderr);
    assert.match(refused.stderr, /has no dkms\.conf/);
    rmSync(join(directory, "tiny-1/dkms.conf"));
    writeFileSync(join(directory, "tiny-1/dkms.conf"), conf);
    assert.is(run("new", "tiny-1").status, 0);
    const { stdout } = spawnSync("bsdtar", ["-tvf", join(directory, "tiny-dkms/tiny-1.tar.gz")], { encoding: "utf8" });
    assert.match(stdout, /tiny-1\/Makefile -> \/etc\/shadow/);
    assert.not.match(stdout, /sub\//);
  }),
);

test(
  "a conf changes nothing and its values run nowhere",
  inDirectory((directory, run) => {
    mkdirSync(join(directory, "tiny-1"));
    const mark = join(directory, "mark");
    writeFileSync(join(directory, "tiny-1/dkms.conf"), `touch ${mark}\n${conf}PACKAGE_NAME='$(touch ${mark})'\n`);
    assert.is(run("new", "tiny-1").status, 8, "what it computes is no name");
    assert.not.ok(existsSync(mark));
    writeFileSync(join(directory, "tiny-1/dkms.conf"), `touch ${mark}\n${conf}`);
    assert.is(run("new", "tiny-1").status, 0);
    assert.not.ok(existsSync(mark));
    assert.not.match(readFileSync(join(directory, "tiny-dkms/PKGBUILD"), "utf8"), /mark/);
  }),
);

test(
  "nothing that is in the directory of the new package is overwritten without --force",
  inDirectory((directory, run) => {
    mkdirSync(join(directory, "tiny-1"));
    writeFileSync(join(directory, "tiny-1/dkms.conf"), conf);
    mkdirSync(join(directory, "package"));
    writeFileSync(join(directory, "package/tiny-1.tar.gz"), "precious");
    const refused = run("new", "--output", "package", "tiny-1");
    assert.is.not(refused.status, 0);
    assert.match(refused.stderr, "already has tiny-1.tar.gz");
    assert.equal(readdirSync(join(directory, "package")), ["tiny-1.tar.gz"]);
    assert.is(readFileSync(join(directory, "package/tiny-1.tar.gz"), "utf8"), "precious");
    assert.is(run("new", "--output", "package", "--force", "tiny-1").status, 0);
  }),
);

test(
  "a checkout is packed without its history, and the new package not into itself",
  inDirectory((directory, run) => {
    for (const folder of ["tiny-1/.git", "tiny-1/src"]) mkdirSync(join(directory, folder), { recursive: true });
    for (const file of [".git/config", "src/tiny.c", "dkms.conf"]) {
      writeFileSync(join(directory, "tiny-1", file), file === "dkms.conf" ? conf : "");
    }
    assert.is(run("new", "--output", "tiny-1/package", "tiny-1").status, 0);
    const archive = join(directory, "tiny-1/package/tiny-1.tar.gz");
    assert.equal(packedFiles(archive), ["tiny-1/dkms.conf", "tiny-1/src/tiny.c"]);
  }),
);

test(
  "a link to the sources is followed, and a new package below it is not packed",
  inDirectory((directory, run) => {
    mkdirSync(join(directory, "checkout"));
    writeFileSync(join(directory, "checkout/dkms.conf"), conf);
    symlinkSync("checkout", join(directory, "tiny-1"));
    assert.is(run("new", "--output", "tiny-1/package", "tiny-1").status, 0);
    assert.equal(packedFiles(join(directory, "checkout/package/tiny-1.tar.gz")), ["tiny-1/dkms.conf"]);
  }),
);

test(
  "a package that is written into its own sources does not pack itself",
  inDirectory((directory, run) => {
    writeFileSync(join(directory, "Makefile"), "obj-m := tiny.o\n");
    const words = ["new", ".", "-o", ".", "--name", "tiny", "--version", "1"];
    for (const more of [[], ["--force"]]) {
      const { status, stderr } = run(...words, ...more);
      assert.is(status, 0, stderr);
      assert.equal(packedFiles(join(directory, "tiny-1.tar.gz")), ["tiny-1/Makefile"]);
      rmSync(join(directory, "dkms.conf"));
    }
  }),
);

function packedFiles(archive: string): readonly string[] {
  const { stdout } = spawnSync("bsdtar", ["-tf", archive], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((name) => name !== "" && !name.endsWith("/"))
    .toSorted();
}

test.run();
