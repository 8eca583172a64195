/** What `scripts/release` writes: both PKGBUILDs build the same files as the one of the checkout. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "./cache.ts";
import { need, runCommand, type CommandResult } from "./command.ts";
import { createMachine } from "./machine.ts";
import { tinyModule } from "./module-packages.ts";
import { processorMilliseconds } from "../processor-time.ts";
import { copyProject, makepkg, projectPackage } from "./project-package.ts";
import { installed, linux, older } from "./scenario.ts";

mkdirSync(cacheDirectory, { recursive: true });
const place = mkdtempSync(join(cacheDirectory, "release-"));
test.after(() => rmSync(place, { recursive: true }));

const repository = join(place, "repository");
const git = (...words: readonly string[]): Promise<string> =>
  need(["git", "-c", "user.name=Test", "-c", "user.email=test@localhost", "-C", repository, ...words]);

copyProject(repository);
for (const name of [".gitignore", "SECURITY.md", "test"]) {
  cpSync(resolve(import.meta.dirname, "../..", name), join(repository, name), { recursive: true });
}
await git("init", "--quiet");
await git("add", "--all");
await git("commit", "--quiet", "--message", "All of it");
const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };

/** Runs scripts/release as an ordinary user, with npm packages and no network. */
async function release(folder: string, facts: Readonly<Record<string, string>>): Promise<CommandResult> {
  const conf = join(place, "release.conf");
  writeFileSync(
    conf,
    Object.entries(facts)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
  const script =
    'mkdir -p "$1"; mount --bind "$0" "$1"; shift; exec unshare --user --map-user=1000 --map-group=1000 "$@"';
  const modules = [resolve(import.meta.dirname, "../../node_modules"), join(repository, "node_modules")];
  return runCommand(
    ["unshare", "--mount", "--net", "sh", "-ec", script, ...modules, join(repository, "scripts/release"), folder, conf],
    { env: { ...process.env, HOME: place, TMPDIR: place } },
  );
}

const released = join(place, "released");
const facts = {
  address: `file://${repository}`,
  maintainer: "Test <test at localhost>",
  security: "security@localhost",
  download: `file://${released}`,
};
const made = await release(released, facts);
if (made.status !== 0) throw new Error(made.output);

for (const key of ["address", "maintainer", "security"]) {
  test(`no release without ${key}`, async () => {
    const { status, output } = await release(join(place, "refused"), { ...facts, [key]: "" });
    assert.is(status, 1);
    assert.match(output, `scripts/release: ${key} is empty in ${place}/release.conf`);
    assert.not.ok(existsSync(join(place, "refused")));
  });
}

test("no release of what is not committed, and none over another one", async () => {
  assert.match((await release(released, facts)).output, `${released} exists`);
  writeFileSync(join(repository, "uncommitted"), "");
  assert.match((await release(join(place, "refused"), facts)).output, "commit first");
  rmSync(join(repository, "uncommitted"));
});

test("the tarball has the same bytes when it is made again, and is what sha256sums names", async () => {
  const again = join(place, "again");
  const { status, output } = await release(again, facts);
  assert.is(status, 0, output);
  const name = `dkms-alpm-${version}.tar.gz`;
  assert.ok(readFileSync(join(again, name)).equals(readFileSync(join(released, name))));
  await need(["sha256sum", "--check", "sha256sums"], { cwd: again });
});

test("it ends with how the tag is made, for the commit that it holds", async () => {
  const commit = (await git("rev-parse", "--short", "HEAD")).trim();
  assert.match(made.output, `git tag -s v${version} ${commit}; push the tag`);
});

test("the address for reports is in the tarball", async () => {
  const path = `dkms-alpm-${version}/SECURITY.md`;
  const text = await need(["bsdtar", "-xOf", join(released, `dkms-alpm-${version}.tar.gz`), path]);
  assert.match(text, "The address is security@localhost.");
});

test("both have a .SRCINFO with url, licences and sources", () => {
  for (const [name, source] of [
    ["dkms-alpm", `file://${released}/dkms-alpm-${version}.tar.gz`],
    ["dkms-alpm-git", `dkms-alpm::git+file://${repository}`],
  ] as const) {
    const text = readFileSync(join(released, name, ".SRCINFO"), "utf8");
    for (const line of [
      `pkgname = ${name}`,
      `\turl = file://${repository}`,
      "\tlicense = MIT AND Apache-2.0 AND ISC",
    ]) {
      assert.match(text, line);
    }
    assert.match(text, `\tsource = ${source}\n`);
    assert.match(readFileSync(join(released, name, "PKGBUILD"), "utf8"), /^# Maintainer: Test <test at localhost>\n/);
  }
});

const files = async (archive: string): Promise<string[]> =>
  (await need(["bsdtar", "-tf", archive]))
    .split("\n")
    .filter((name) => name !== "")
    .toSorted();

/** The package with the paths of the licences that another name has. */
const renamed = async (archive: string): Promise<string[]> =>
  (await files(archive)).map((path) => path.replace("licenses/dkms-alpm-git", "licenses/dkms-alpm"));

test("the release builds without network and npm in seconds, twice with the same bytes", async () => {
  const archives: Buffer[] = [];
  for (const turn of ["first", "second"]) {
    const destination = join(place, turn);
    const start = processorMilliseconds();
    await makepkg({ folder: join(released, "dkms-alpm"), destination, options: ["--cleanbuild"], network: false });
    assert.ok(processorMilliseconds() - start < 10_000, "ten seconds on processors");
    const archive = join(destination, `dkms-alpm-${version}-1-any.pkg.tar.zst`);
    assert.equal(await files(archive), await files(await projectPackage()));
    archives.push(readFileSync(archive));
  }
  assert.ok(archives[0]?.equals(archives[1] ?? Buffer.alloc(0)));
});

test("the release, once installed, builds a module in its first transaction", async () => {
  const archive = join(place, "first", `dkms-alpm-${version}-1-any.pkg.tar.zst`);
  const module = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
  const machine = await createMachine({ osRelease: "arch" });
  try {
    await machine.need(["pacman", "--noconfirm", "-U", archive]);
    const command = ["pacman", "--noconfirm", "-U", ...linux.both, module] as const;
    const { status, output } = await machine.run(command, { timeout: 300 });
    assert.is(status, 0, output);
    assert.match(output, `==> DKMS: tiny 1.0 is installed for linux ${older}`);
    assert.is((await machine.need(["dkms", "status"])).trim(), installed("tiny/1.0", older));
  } finally {
    await machine.dispose();
  }
});

test("the package from git, which takes the place of the other one", async () => {
  // npm packages can be put in place only when the sources are extracted; prepare() would take them from the network.
  const folder = join(released, "dkms-alpm-git");
  const destination = join(place, "made-git");
  await makepkg({ folder, destination, options: ["--nobuild", "--noprepare"] });
  const modules = join(folder, "src/dkms-alpm/node_modules");
  await makepkg({ folder, modules, destination, options: ["--noextract", "--noprepare"] });
  const archive = join(destination, readdirSync(destination)[0] ?? "");
  assert.match(archive, new RegExp(`/dkms-alpm-git-${version}\\.r1\\.g[0-9a-f]+-1-any\\.pkg\\.tar\\.zst$`));
  assert.equal((await renamed(archive)).toSorted(), await files(await projectPackage()));
  const machine = await createMachine({ packages: [await projectPackage()] });
  try {
    const { status, output } = await machine.run(["pacman", "--noconfirm", "--ask", "4", "-U", archive]);
    assert.is(status, 0, output);
    assert.match(await machine.need(["pacman", "-Q"]), /^dkms-alpm-git /m);
    assert.is((await machine.run(["pacman", "-T", "dkms>=3.4", "dkms-alpm"])).status, 0);
    assert.is((await machine.run(["dkms", "--version"])).status, 0);
  } finally {
    await machine.dispose();
  }
});

test.run();
