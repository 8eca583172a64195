/** Packages of modules: what root has built and nothing else, whoever put what where they go to. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makePackage } from "../../../src/act/package/make-package.ts";
import type { Pair } from "../../../src/model/pair.ts";
import { build, elf, makeScratch, put, type Scratch } from "../install/scratch.ts";

const test = suite<{ scratch: Scratch; pair: Pair; destination: string }>("packages");
test.before.each((context) => {
  context.scratch = makeScratch();
  context.pair = build(context.scratch, "m/1", { "m.ko": elf({ name: "m" }) });
  context.destination = join(context.scratch.root, "packages");
});
test.after.each(({ scratch }) => scratch.remove());

const name = "m-dkms-modules-linux";

function make(scratch: Scratch, pair: Pair, destination: string): Promise<string> {
  return makePackage({
    layout: scratch.layout,
    package: { name, version: "1.k6.1", arch: "x86_64", module: pair.module, pairs: [pair] },
    destination,
    temporary: join(scratch.root, "tmp"),
    tell: scratch.tell,
    signal: new AbortController().signal,
  });
}

function bsdtar(...words: readonly string[]): string {
  return execFileSync("bsdtar", words, { encoding: "utf8" });
}

test("everything is root's, readable, and named in the mtree", async ({ scratch, pair, destination }) => {
  const before = process.umask(0o077);
  let path: string;
  try {
    path = await make(scratch, pair, destination);
  } finally {
    process.umask(before);
  }
  const listing = bsdtar("-tvf", path).trim().split("\n");
  const entries = listing.map((line) => line.replaceAll(/ +/g, " ").split(" "));
  assert.equal(
    entries.map(([mode, , user, group, , , , , file]) => `${mode} ${user}:${group} ${file}`),
    [
      "-rw-r--r-- root:root .BUILDINFO",
      "-rw-r--r-- root:root .MTREE",
      "-rw-r--r-- root:root .PKGINFO",
      ...[
        "usr/",
        "usr/lib/",
        "usr/lib/modules/",
        "usr/lib/modules/6.1.0-test/",
        "usr/lib/modules/6.1.0-test/extramodules/",
      ].map((directory) => `drwxr-xr-x root:root ${directory}`),
      "drwxr-xr-x root:root usr/lib/modules/6.1.0-test/updates/",
      "drwxr-xr-x root:root usr/lib/modules/6.1.0-test/updates/dkms-pkg/",
      "-rw-r--r-- root:root usr/lib/modules/6.1.0-test/updates/dkms-pkg/m.json",
      "-rw-r--r-- root:root usr/lib/modules/6.1.0-test/updates/dkms-pkg/m.ko",
    ],
  );
  const mtree = execFileSync("gunzip", ["-c"], { input: execFileSync("bsdtar", ["-xOf", path, ".MTREE"]) }).toString();
  assert.match(mtree, /\.\/usr\/lib\/modules\/6\.1\.0-test\/updates\/dkms-pkg\/m\.ko .*sha256digest=[0-9a-f]{64}/);
  assert.match(mtree, "./.PKGINFO");
  assert.equal(fs.readdirSync(join(scratch.root, "tmp")), []);
  assert.is(fs.statSync(path).mode & 0o7777, 0o644);
});

/** What somebody else may have made of the package that is there; the rest of it is right. */
const forgeries: readonly (readonly [what: string, change: (root: string) => void])[] = [
  ["with a scriptlet", (root) => void put(join(root, ".INSTALL"), "post_install() { id; }\n")],
  ["with a changelog", (root) => void put(join(root, ".CHANGELOG"), "x\n")],
  ["that replaces another", (root) => fs.appendFileSync(join(root, ".PKGINFO"), "replaces = linux\n")],
  ["that conflicts with another", (root) => fs.appendFileSync(join(root, ".PKGINFO"), "conflict = glibc\n")],
  ["that provides another", (root) => fs.appendFileSync(join(root, ".PKGINFO"), "provides = glibc\n")],
  ["that depends on another", (root) => fs.appendFileSync(join(root, ".PKGINFO"), "depend = x\n")],
  ["that keeps a file as a backup", (root) => fs.appendFileSync(join(root, ".PKGINFO"), "backup = etc/passwd\n")],
  ["with another name inside", (root) => edit(join(root, ".PKGINFO"), `pkgname = ${name}`, "pkgname = linux")],
  ["with another object", (root) => fs.appendFileSync(join(root, object), "x")],
  ["with a setuid object", (root) => fs.chmodSync(join(root, object), 0o4755)],
  ["with an object that all may write", (root) => fs.chmodSync(join(root, object), 0o666)],
  ["with a directory that all may write", (root) => fs.chmodSync(join(root, "usr/lib"), 0o777)],
  ["with an object of another user", (root) => fs.chownSync(join(root, object), 1000, 0)],
  ["with an object of another group", (root) => fs.chownSync(join(root, object), 0, 1000)],
  ["with one file more", (root) => void put(join(root, "etc/ld.so.preload"), "/x\n")],
  ["with one directory more", (root) => fs.mkdirSync(join(root, "usr/local"))],
  [
    "without its directory for mkinitcpio",
    (root) => fs.rmdirSync(join(root, "usr/lib/modules/6.1.0-test/extramodules")),
  ],
  [
    "with a link for an object",
    (root) => {
      fs.rmSync(join(root, object));
      fs.symlinkSync("/etc/shadow", join(root, object));
    },
  ],
  [
    "with a link for .MTREE",
    (root) => {
      fs.rmSync(join(root, ".MTREE"));
      fs.symlinkSync("/etc/shadow", join(root, ".MTREE"));
    },
  ],
  ["without .PKGINFO", (root) => fs.rmSync(join(root, ".PKGINFO"))],
];

const object = "usr/lib/modules/6.1.0-test/updates/dkms-pkg/m.ko";

function edit(path: string, from: string, to: string): void {
  fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace(from, to));
}

function repack(path: string, change: (root: string) => void, scratch: Scratch): void {
  const root = join(scratch.root, "forged");
  fs.mkdirSync(root);
  bsdtar("-xpf", path, "-C", root);
  change(root);
  bsdtar("--zstd", "-cf", path, "-C", root, ...fs.readdirSync(root).toSorted());
}

test("a package that is the same stays", async ({ scratch, pair, destination }) => {
  const path = await make(scratch, pair, destination);
  assert.match(path, /-1\.k6\.1-1-x86_64\.pkg\.tar\.zst$/);
  repack(path, (root) => edit(join(root, ".PKGINFO"), "packager = ", "packager = another "), scratch);
  assert.is(await make(scratch, pair, destination), path);
  assert.equal(fs.readdirSync(destination).length, 1);
});

for (const [what, change] of forgeries) {
  test(`a package ${what} is not taken for ours`, async ({ scratch, pair, destination }) => {
    const path = await make(scratch, pair, destination);
    repack(path, change, scratch);
    assert.match(await make(scratch, pair, destination), /-1\.k6\.1-2-x86_64\.pkg\.tar\.zst$/);
  });
}

test("what lies under the names that a package is written to is not written through", async ({
  scratch,
  pair,
  destination,
}) => {
  const secret = put(join(scratch.root, "secret"), "SECRET");
  const path = join(destination, `${name}-1.k6.1-1-x86_64.pkg.tar.zst`);
  fs.mkdirSync(destination);
  fs.symlinkSync(secret, `${path}.dkms-new`);
  assert.is(await make(scratch, pair, destination), path);
  fs.rmSync(path);
  fs.symlinkSync(secret, path);
  assert.match(await make(scratch, pair, destination), /-2-x86_64/);
  assert.is(fs.readFileSync(secret, "utf8"), "SECRET");
});

test.run();
