/** What `scripts/release` writes: both PKGBUILDs build, and their packages have the same files as the one from the checkout. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "./cache.ts";
import { need } from "./command.ts";
import { createMachine } from "./machine.ts";
import { copyProject, makepkg, projectPackage } from "./project-package.ts";

mkdirSync(cacheDirectory, { recursive: true });
const place = mkdtempSync(join(cacheDirectory, "release-"));
test.after(() => rmSync(place, { recursive: true }));

const repository = join(place, "repository");
const git = (...words: readonly string[]): Promise<string> =>
  need(["git", "-c", "user.name=Test", "-c", "user.email=test@localhost", "-C", repository, ...words]);

copyProject(repository);
await git("init", "--quiet");
await git("add", "--all");
await git("commit", "--quiet", "--message", "All of it");
const released = join(place, "released");
await need([join(repository, "scripts/release"), released]);
const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };

const files = async (archive: string): Promise<string[]> =>
  (await need(["bsdtar", "-tf", archive]))
    .split("\n")
    .filter((name) => name !== "")
    .toSorted();

/** makepkg in one of the folders, in two steps: npm packages can be put in place only when the sources are extracted. */
async function build(name: string, sources: string): Promise<string> {
  const folder = join(released, name);
  const destination = join(place, `made-${name}`);
  mkdirSync(destination);
  await makepkg({ folder, modules: join(place, "nowhere"), destination, options: ["--nobuild"] });
  const modules = join(folder, "src", sources, "node_modules");
  await makepkg({ folder, modules, destination, options: ["--noextract"] });
  return join(destination, readdirSync(destination)[0] ?? "");
}

test("the tarball's package", async () => {
  const archive = await build("dkms-alpm", `dkms-alpm-${version}`);
  assert.match(archive, new RegExp(`/dkms-alpm-${version}-1-any\\.pkg\\.tar\\.zst$`));
  assert.equal(await files(archive), await files(await projectPackage()));
});

test("the package from git, which takes the place of the other one", async () => {
  const archive = await build("dkms-alpm-git", "dkms-alpm");
  assert.match(archive, new RegExp(`/dkms-alpm-git-${version}\\.r1\\.g[0-9a-f]+-1-any\\.pkg\\.tar\\.zst$`));
  assert.equal(await files(archive), await files(await projectPackage()));
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
